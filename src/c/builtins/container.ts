/** container_of: from a member back to the struct around it. */
import type { Expression, Place } from "../parse/ast.ts";
import { argument, type BuiltinCall, typeArgument } from "./builtin.ts";
import type { Operand } from "../evaluate/context.ts";
import { FieldObject } from "../evaluate/fields.ts";
import { findField } from "../evaluate/layout.ts";
import { type CType, pointerTo, typeText } from "../evaluate/types.ts";
import { Pointer, poison, type Thing, Unknown, type Value } from "../evaluate/value.ts";

export function containerOf(call: BuiltinCall): Operand {
  const { cx, args, node } = call;
  const type = typeArgument(call, 1);
  const path = memberPath(argument(args, 2, node));
  const pointer = cx.rules.value(cx, argument(args, 0, node));
  const inner = pointer.type.kind === "pointer" ? pointer.type.to : type;
  return {
    type: pointerTo(type),
    run: (frame) => {
      const value = frame.machine.deref(
        frame.machine.settle(pointer.run(frame), pointer.type),
        inner,
        node.place,
      );
      return path === null
        ? poison("unsupported", "container_of with this member", node.place)
        : owner(value, type, path, node.place);
    },
  };
}

/** `a.b` as its names, outermost first; null for what is no plain path. */
function memberPath(node: Expression): readonly string[] | null {
  if (node.kind === "name") return [node.name];
  if (node.kind !== "member" || node.arrow) return null;
  const base = memberPath(node.base);
  return base === null ? null : [...base, node.name];
}

function owner(value: Value, type: CType, path: readonly string[], place: Place): Value {
  if (!(value instanceof Pointer)) {
    return value instanceof Unknown ? value : poison("invalid-pointer", "container_of a null pointer", place);
  }
  const { object } = value;
  if (object.kind === "bytes" && object.owner === null) return byOffset(value, type, path, place);
  let at: Thing = object;
  for (const name of path.toReversed()) {
    const outer = ownerOf(at, name, type, path.length === 1);
    if (outer === null)
      return poison("invalid-pointer", `${at.name} is no member '${name}' of a ${typeText(type)}`, place);
    at = outer;
  }
  return new Pointer(at);
}

/** The object that has this one as its member. One that came alone gets an owner made for it. */
function ownerOf(at: Thing, name: string, type: CType, direct: boolean): Thing | null {
  if (at.owner?.kind === "field") return at.owner.field === name ? at.owner.object : null;
  if (at.kind !== "fields" || !direct) return null;
  if (at.container !== null) return at.container.member === name ? at.container.object : null;
  const record = type.kind === "record" || type.kind === "dynamic" ? type : null;
  if (record === null) return null;
  const made = new FieldObject({
    name: `container_of(${at.name})`,
    separator: "->",
    type: record,
    background: at.background,
  });
  made.adopt(name, at);
  at.container = { member: name, object: made };
  return made;
}

function byOffset(value: Pointer, type: CType, path: readonly string[], place: Place): Value {
  let record = type;
  let offset = 0;
  for (const name of path) {
    const found = record.kind === "record" ? findField(record, name) : null;
    if (found === null || found.offset === null) {
      return poison("missing-type", `the layout of ${typeText(record)} is not known`, place);
    }
    offset += found.offset;
    record = found.field.type;
  }
  if (value.offset < offset)
    return poison("out-of-bounds", `container_of leads in front of ${value.object.name}`, place);
  return new Pointer(value.object, value.offset - offset);
}
