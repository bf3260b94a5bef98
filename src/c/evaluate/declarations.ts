/** Declarations inside functions. */
import { Assembly } from "./assembly.ts";
import type { Declaration, Statement } from "../parse/ast.ts";
import type { Activation, Code, Context, Entry } from "./context.ts";
import { initialise } from "./initializers.ts";
import { UNINITIALISED, ZERO } from "./memory.ts";
import { converted } from "./operands.ts";
import { enumValues } from "./resolve.ts";
import { objectPlan } from "./space.ts";
import { type CType, decay, isScalar } from "./types.ts";
import { Pointer, poison, type Value } from "./value.ts";

export function compileDeclaration(cx: Context, node: Declaration, out: Assembly): void {
  const before = cx.fork();
  declareTagsOf(cx, node);
  if (node.storage === "typedef") {
    let type: CType | null = null;
    cx.declare(node.name, { kind: "typedef", type: () => (type ??= before.rules.type(before, node.type)) });
    return;
  }
  if (node.storage === "extern" || node.type.kind === "function") return;
  if (node.storage === "static") {
    const own = cx.fork();
    const plan = objectPlan(own, node, true);
    cx.declare(node.name, { kind: "object", plan });
    return;
  }
  compileLocal(cx, node, out);
}

function compileLocal(cx: Context, node: Declaration, out: Assembly): void {
  const entry = localEntry(cx, node);
  cx.declare(node.name, entry);
  const at = cx.fork();
  const { next } = out;
  // each value of a list pays where it is written
  const runs = node.initializer?.kind === "list" ? [] : [node.initializer];
  out.lazy(node.place, runs, () => {
    const begin = beginLocal(at, node, entry);
    return (frame) => {
      frame.place = node.place;
      begin(frame);
      return next;
    };
  });
}

function localEntry(cx: Context, node: Declaration): Entry & { kind: "local" } {
  const at = cx.fork();
  let type: CType | null = null;
  const slot = cx.newSlot();
  const typeOf = (): CType => (type ??= localType(at, node));
  const inMemory = (): boolean =>
    cx.plan.addressed.has(node.name) || !isScalar(typeOf()) || typeOf().kind === "dynamic";
  return { kind: "local", name: node.name, slot, type: typeOf, inMemory };
}

function localType(cx: Context, node: Declaration): CType {
  if (node.type.kind === "auto" && node.initializer !== null && node.initializer.kind !== "list") {
    return decay(cx.rules.value(cx, node.initializer).type);
  }
  const type = cx.rules.type(cx, node.type);
  return cx.rules.completeArray(cx, type, node.initializer);
}

/** What a declaration does each time it is reached. */
function beginLocal(
  cx: Context,
  node: Declaration,
  entry: Entry & { kind: "local" },
): (frame: Activation) => void {
  const type = entry.type();
  const { slot, name } = entry;
  const { initializer, place } = node;
  if (!entry.inMemory()) {
    const value = initializer === null ? null : scalarInitializer(cx, type, initializer);
    const unset = poison("uninitialised", `${name} is used uninitialised`, place);
    return (frame) => {
      frame.slots[slot] = value === null ? unset : value(frame);
    };
  }
  const fill = initializer === null ? null : initialise(cx, type, initializer);
  const background = initializer?.kind === "list" || type.kind === "array" ? ZERO : UNINITIALISED;
  return (frame) => {
    release(frame, frame.slots[slot]);
    const object = frame.machine.allocateLocal(frame, name, type, fill === null ? UNINITIALISED : background);
    frame.slots[slot] = object;
    fill?.(frame, object);
  };
}

/** The object of the loop's last round does not count any more. */
function release(frame: Activation, value: Value | undefined): void {
  if (value instanceof Pointer && value.object.kind === "bytes") frame.machine.release(frame, value.object);
}

function scalarInitializer(cx: Context, type: CType, initializer: Declaration["initializer"]): Code {
  let value = initializer;
  while (value?.kind === "list") value = value.items[0]?.value ?? null;
  if (value === null) return () => (type.kind === "int" && type.size <= 4 ? 0 : 0n);
  return converted(cx.rules.value(cx, value), type, value.place);
}

/** Tags and enumerators that a declaration brings along. */
function declareTagsOf(cx: Context, node: Declaration): void {
  declareTags(cx, { kind: "tag", type: node.type, place: node.place });
}

export function declareTags(cx: Context, node: Statement & { kind: "tag" }): void {
  const { type } = node;
  if (type.kind === "enum" && type.items !== null) {
    const { type: own, values } = enumValues(cx, type);
    for (const [name, value] of values) cx.declare(name, { kind: "enumerator", ...value });
    if (type.tag !== null) cx.declare(`enum ${type.tag}`, { kind: "tag", type: own });
  } else if (type.kind === "record" && type.fields !== null && type.tag !== null) {
    const own = cx.rules.type(cx, type);
    cx.declare(`${type.union ? "union" : "struct"} ${type.tag}`, { kind: "tag", type: own });
  } else if (type.kind === "pointer") {
    declareTags(cx, { ...node, type: type.to });
  } else if (type.kind === "array") {
    declareTags(cx, { ...node, type: type.of });
  }
}
