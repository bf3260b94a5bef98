/** Expressions that name objects: variables, elements, members, what a pointer points to. */
import { asRef, load } from "./access.ts";
import type { Expression, ExpressionOf } from "../parse/ast.ts";
import type { Code, Context, Entry, ObjectPlan, Operand, Target } from "./context.ts";
import { asThing, makeThing } from "./fields.ts";
import { initialise } from "./initializers.ts";
import { findField, sizeOf } from "./layout.ts";
import { stringLiteral } from "./literals.ts";
import { memberRef } from "./members.ts";
import { ByteObject, OUTSIDE, UNINITIALISED, ZERO } from "./memory.ts";
import { moved } from "./pointer-values.ts";
import { tableCode, tableElement, tableMember, tableStart } from "./table-place.ts";
import { type CType, dynamic, isScalar } from "./types.ts";
import { Pointer, poison, StopSignal, Unknown, type Value } from "./value.ts";

export function compileTarget(cx: Context, node: Expression): Target {
  switch (node.kind) {
    case "name":
      return nameTarget(cx, node);
    case "member":
      return memberTarget(cx, node);
    case "index":
      return indexTarget(cx, node);
    case "unary":
      if (node.operator === "*") return derefTarget(cx, node.operand, node);
      break;
    case "compound":
      return compoundTarget(cx, node);
    case "string":
      return stringTarget(cx, node);
    case "generic":
    case "conditional":
    case "call":
    case "statements":
    case "assign":
    case "comma":
      return valueTarget(cx, node);
    default:
  }
  throw new StopSignal("unsupported", "an expression that names no object", node.place);
}

/** A struct that a call, an assignment or a statement expression gives by value. */
function valueTarget(cx: Context, node: Expression): Target {
  const operand = cx.rules.value(cx, node);
  if (isScalar(operand.type) && operand.type.kind !== "dynamic") return temporary(operand);
  const ref: Target["ref"] = (frame) => asRef(operand.run(frame), node.place);
  return { type: operand.type, bits: null, slot: null, ref };
}

/** A built-in such as READ_ONCE(x) gives a value where the macro would name the object. */
function temporary(operand: Operand): Target {
  const ref: Target["ref"] = (frame) => {
    const value = operand.run(frame);
    const object = new ByteObject({
      name: "a value",
      type: operand.type,
      size: sizeOf(operand.type) ?? 8,
      background: UNINITIALISED,
    });
    if (typeof value === "number" || typeof value === "bigint") object.writeInteger(0, object.size, value);
    else if (!("type" in value)) object.writeOpaque(0, object.size, value);
    return new Pointer(object);
  };
  return { type: operand.type, bits: null, slot: null, ref };
}

function nameTarget(cx: Context, node: ExpressionOf<"name">): Target {
  const entry = cx.lookup(node.name) ?? globalEntry(cx, node.name);
  switch (entry?.kind) {
    case "local":
      return localTarget(entry);
    case "object":
      return objectTarget(entry.plan);
    default:
      return unknownTarget(node);
  }
}

function globalEntry(cx: Context, name: string): Entry | null {
  const plan = cx.space.object(name, cx.unit);
  return plan === null ? null : { kind: "object", plan };
}

function localTarget(entry: Entry & { kind: "local" }): Target {
  const type = entry.type();
  const { slot, name } = entry;
  const ref: Target["ref"] = (frame) => {
    let at = frame.slots[slot];
    if (at === undefined) {
      at = frame.machine.allocateLocal(frame, name, type, UNINITIALISED); // a jump went past the declaration
      frame.slots[slot] = at;
    }
    return at instanceof Pointer ? at : poison("uninitialised", `${name} has no place`, frame.place);
  };
  return { type, bits: null, slot: entry.inMemory() ? null : slot, ref };
}

function objectTarget(plan: ObjectPlan): Target {
  return {
    type: plan.type(),
    bits: null,
    slot: null,
    ref: (frame) => frame.machine.global(plan),
    table: tableStart(plan),
  };
}

/** A name that nothing in the tree declares: it may be anything. */
function unknownTarget(node: ExpressionOf<"name">): Target {
  const type = dynamic(node.name);
  const plans = new WeakMap<object, Pointer>();
  const ref: Target["ref"] = (frame) => {
    const assumed = frame.machine.assumed.get(node.name);
    let at = plans.get(frame.machine);
    if (at === undefined) {
      at = new Pointer(asThing(makeThing(node.name, type, OUTSIDE, null)));
      if (assumed !== undefined && at.object.kind === "fields") at.object.value = assumed;
      plans.set(frame.machine, at);
    }
    return at;
  };
  return { type, bits: null, slot: null, ref };
}

function memberTarget(cx: Context, node: ExpressionOf<"member">): Target {
  const { name, place } = node;
  if (node.arrow) {
    const pointer = cx.rules.value(cx, node.base);
    const to = pointer.type.kind === "pointer" ? pointer.type.to : dynamic(name);
    return {
      ...memberShape(to, name),
      ref: (frame) => {
        const base = frame.machine.deref(frame.machine.settle(pointer.run(frame), pointer.type), to, place);
        return memberRef(frame.machine, base, to, name, place);
      },
    };
  }
  const base = cx.rules.target(cx, node.base);
  return {
    ...memberShape(base.type, name),
    ref: (frame) => memberRef(frame.machine, base.ref(frame), base.type, name, place),
    table: tableMember(base.table, base.type, name),
  };
}

function memberShape(type: CType, name: string): { type: CType; bits: number | null; slot: null } {
  const found = type.kind === "record" ? findField(type, name) : null;
  return { type: found?.field.type ?? dynamic(name), bits: found?.field.bits ?? null, slot: null };
}

function indexTarget(cx: Context, node: ExpressionOf<"index">): Target {
  const base = placeNamed(cx, node.base);
  const left = base === null ? cx.rules.value(cx, node.base) : targetValue(base, node.base);
  const right = cx.rules.value(cx, node.index);
  const swapped = right.type.kind === "pointer";
  const [pointer, index] = swapped ? [right, left] : [left, right];
  const element = pointer.type.kind === "pointer" ? pointer.type.to : dynamic("an element");
  const target = elementTarget(pointer.run, index, element, node);
  if (base === null || swapped) return target;
  const isPlain = right.constant !== undefined || node.index.kind === "name";
  return { ...target, table: tableElement(base.table, base.type, right, isPlain) };
}

/** The place of an expression whose value is just what lies there; null for all others. */
function placeNamed(cx: Context, node: Expression): Target | null {
  if (node.kind === "member" || node.kind === "index") return cx.rules.target(cx, node);
  const entry = node.kind === "name" ? (cx.lookup(node.name) ?? globalEntry(cx, node.name)) : null;
  return entry?.kind === "local" || entry?.kind === "object" ? cx.rules.target(cx, node) : null;
}

function elementTarget(pointer: Code, index: Operand, element: CType, node: Expression): Target {
  const { place } = node;
  const type = dynamic("pointer");
  const forward = { negative: false, place };
  const ref: Target["ref"] = (frame) => {
    const { machine } = frame;
    const base = machine.deref(machine.settle(pointer(frame), type), element, place);
    const at = moved(machine, base, element, index.run(frame), forward);
    return asRef(at, place);
  };
  return { type: element, bits: null, slot: null, ref };
}

function derefTarget(cx: Context, operand: Expression, node: Expression): Target {
  const pointer = cx.rules.value(cx, operand);
  const type = pointer.type.kind === "pointer" ? pointer.type.to : dynamic("what a pointer points to");
  const ref: Target["ref"] = (frame) =>
    frame.machine.deref(frame.machine.settle(pointer.run(frame), pointer.type), type, node.place);
  return { type, bits: null, slot: null, ref };
}

/** `(type){ … }`: an object of its own each time it is reached. */
function compoundTarget(cx: Context, node: ExpressionOf<"compound">): Target {
  const type = cx.rules.completeArray(cx, cx.rules.type(cx, node.type), node.value);
  const fill = initialise(cx, type, node.value);
  const ref: Target["ref"] = (frame) => {
    const at = frame.machine.allocateLocal(frame, "a compound literal", type, ZERO);
    fill(frame, at);
    return at;
  };
  return { type, bits: null, slot: null, ref };
}

function stringTarget(cx: Context, node: ExpressionOf<"string">): Target {
  const bytes = stringLiteral(node.parts);
  const of = cx.space.charType;
  const type: CType = { kind: "array", of, length: bytes.length };
  const object = new ByteObject({ name: "a string", type, size: bytes.length, background: ZERO });
  for (const [i, byte] of bytes.entries()) object.writeInteger(i, 1, byte);
  object.readonly = true;
  return { type, bits: null, slot: null, ref: () => new Pointer(object) };
}

/** The value of what a target names. Arrays and functions become pointers. */
export function targetValue(target: Target, node: Expression): Operand {
  const { type, slot, ref } = target;
  const { place } = node;
  if (slot !== null) return { type, run: slotCode(slot, type, node) };
  if (type.kind === "array")
    return { type: { kind: "pointer", to: type.of }, run: (frame) => asRef(ref(frame), place) };
  if (type.kind === "function") return { type: { kind: "pointer", to: type }, run: (frame) => ref(frame) };
  const bits = target.bits ?? undefined;
  const run: Code = (frame) => load(frame.machine, ref(frame), type, place);
  const { table } = target;
  if (table === undefined || type.kind !== "int" || bits !== undefined) return { type, bits, run };
  return { type, bits, run: tableCode(table, type, place, run) };
}

function slotCode(slot: number, type: CType, node: Expression): Code {
  const name = node.kind === "name" ? node.name : "a variable";
  return (frame) => {
    const value: Value | undefined = frame.slots[slot];
    if (typeof value === "number") return value;
    if (value === undefined) return poison("uninitialised", `${name} is used uninitialised`, node.place);
    return value instanceof Unknown ? frame.machine.settle(value, type) : value;
  };
}
