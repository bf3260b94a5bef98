/** Functions of the program, compiled once and found by name. */
import { store } from "./access.ts";
import { addressedNames } from "./addressed.ts";
import { Assembly } from "./assembly.ts";
import type { FunctionNode } from "../parse/ast.ts";
import type {
  Activation,
  Callable,
  CompiledFunction,
  Context,
  Entry,
  FoundFunction,
  SpaceView,
} from "./context.ts";
import { UNINITIALISED } from "./memory.ts";
import { compileBlock } from "./statements.ts";
import { type CType, type FunctionType, isScalar } from "./types.ts";
import type { Value } from "./value.ts";

/** The function as seen from a unit, compiled once. */
export function compiledFunction(space: SpaceView, name: string, unit: string): Callable {
  const found = space.function(name, unit);
  if (found === null) return { kind: "unknown", returns: null };
  const known = space.compiled.get(found);
  if (known !== undefined) return known;
  const made = compileFunction(space, found);
  space.compiled.set(found, made);
  return made;
}

function compileFunction(space: SpaceView, found: FoundFunction): Callable {
  const { type, node, reason, place, definition } = found;
  const returns = type.kind === "function" ? type.returns : null;
  if (reason !== null) {
    return { kind: "broken", returns, code: "syntax", reason: `${definition.name}(): ${reason}`, place };
  }
  if (node === null || type.kind !== "function") return { kind: "unknown", returns };
  return compileBody(space, definition.unit, node, type);
}

function compileBody(
  space: SpaceView,
  unit: string,
  node: FunctionNode,
  type: FunctionType,
): CompiledFunction {
  const cx = space.functionContext(unit, type.returns, addressedNames(node.body));
  const parameters = type.parameters.map((each, i) =>
    parameterCode(cx, node.type.parameters[i]?.name ?? `parameter ${i + 1}`, each),
  );
  const out = new Assembly(false);
  compileBlock(cx, node.body, out);
  const { name, place } = node;
  return { kind: "code", name, type, returns: type.returns, place, parameters, ops: out.ops };
}

function parameterCode(cx: Context, name: string, type: CType): (frame: Activation, value: Value) => void {
  const slot = cx.newSlot();
  const inMemory = cx.plan.addressed.has(name) || !isScalar(type);
  const entry: Entry = { kind: "local", name, slot, type: () => type, inMemory: () => inMemory };
  cx.declare(name, entry);
  if (!inMemory || type.kind === "dynamic") {
    return (frame, value) => {
      frame.slots[slot] = value;
    };
  }
  return (frame, value) => {
    const object = frame.machine.allocateLocal(frame, name, type, UNINITIALISED);
    store(frame.machine, object, type, value, frame.place);
    frame.slots[slot] = object;
  };
}
