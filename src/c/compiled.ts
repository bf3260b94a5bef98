/** Functions of the program, compiled once and found by name. */
import { store } from "./access.ts";
import type { Activation } from "./activation.ts";
import { addressedNames } from "./addressed.ts";
import type { FunctionNode, Place } from "./ast.ts";
import type { Context, Entry } from "./context.ts";
import { UNINITIALISED } from "./memory.ts";
import type { FoundFunction, Space } from "./space.ts";
import { Assembly, compileBlock, type Op } from "./statements.ts";
import { type CType, type FunctionType, isScalar } from "./types.ts";
import type { ReasonCode, Value } from "./value.ts";

/** What a name that is called stands for. */
export type Callable = CompiledFunction | BrokenFunction | UnknownFunction;

export interface CompiledFunction {
  readonly kind: "code";
  readonly name: string;
  readonly type: FunctionType;
  readonly returns: CType;
  readonly place: Place;
  /** Put an argument where the code looks for it. */
  readonly parameters: readonly ((frame: Activation, value: Value) => void)[];
  readonly ops: readonly Op[];
}

/** There is code, but it cannot be taken as it stands. */
interface BrokenFunction {
  readonly kind: "broken";
  readonly returns: CType | null;
  readonly code: ReasonCode;
  readonly reason: string;
  readonly place: Place;
}

/** No code in the tree. */
interface UnknownFunction {
  readonly kind: "unknown";
  readonly returns: CType | null;
}

/** The function as seen from a unit, compiled once. */
export function compiledFunction(space: Space, name: string, unit: string): Callable {
  const found = space.function(name, unit);
  if (found === null) return { kind: "unknown", returns: null };
  const known = space.compiled.get(found) as Callable | undefined;
  if (known !== undefined) return known;
  const made = compileFunction(space, found);
  space.compiled.set(found, made);
  return made;
}

function compileFunction(space: Space, found: FoundFunction): Callable {
  const { type, node, reason, place, definition } = found;
  const returns = type.kind === "function" ? type.returns : null;
  if (reason !== null) {
    return { kind: "broken", returns, code: "syntax", reason: `${definition.name}(): ${reason}`, place };
  }
  if (node === null || type.kind !== "function") return { kind: "unknown", returns };
  return compileBody(space, definition.unit, node, type);
}

function compileBody(space: Space, unit: string, node: FunctionNode, type: FunctionType): CompiledFunction {
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
