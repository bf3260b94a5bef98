/** From a struct to its members. */
import type { Place } from "../parse/ast.ts";
import type { Ref, Runtime } from "./context.ts";
import { asThing } from "./fields.ts";
import { findField } from "./layout.ts";
import { type CType, dynamic, type RecordType } from "./types.ts";
import { type ByteThing, type FieldThing, outside, Pointer, poison, type Thing, Unknown } from "./value.ts";

/** `base.name` of a record, or of something whose type is missing. */
export function memberRef(machine: Runtime, base: Ref, type: CType, name: string, place: Place): Ref {
  if (base instanceof Unknown) {
    return base.poison ? base : outside(`${base.text}.${name}`, place);
  }
  if (typeof base === "bigint") return memberOfNull(base, type, name, place);
  if (base.somewhere !== null) {
    const somewhere = outside(`${base.somewhere.text}.${name}`, place);
    return new Pointer(base.object, 0, null, somewhere);
  }
  if (base.object.kind === "bytes") return memberOfBytes(base, base.object, type, name, place);
  const object = type.kind === "record" ? seenAs(base.object, type) : base.object;
  if (object === null) {
    return poison(
      "missing-type",
      `${base.object.name} is no ${type.kind === "record" ? type.name : type.kind}`,
      place,
    );
  }
  if (object.kind === "bytes") return memberOfBytes(new Pointer(object), object, type, name, place);
  return memberOfFields(machine, object, type, name, place);
}

function memberOfNull(base: bigint, type: CType, name: string, place: Place): Ref {
  const offset = type.kind === "record" ? findField(type, name)?.offset : null;
  if (offset === undefined || offset === null) return nullRead(base, place);
  return base + BigInt(offset);
}

function memberOfBytes(base: Pointer, object: ByteThing, type: CType, name: string, place: Place): Ref {
  const record = type.kind === "record" ? type : object.type;
  const found = record?.kind === "record" ? findField(record, name) : null;
  if (found === null) return poison("missing-type", `the struct of '${name}' is not defined`, place);
  const { offset, shift } = found;
  if (offset === null)
    return poison(
      "missing-type",
      `the layout of ${record?.kind === "record" ? record.name : name} is not known`,
      place,
    );
  const bits = shift === null ? null : { shift, width: found.field.bits ?? 0 };
  return new Pointer(object, base.offset + offset, bits);
}

function memberOfFields(machine: Runtime, object: FieldThing, type: CType, name: string, place: Place): Ref {
  const found = type.kind === "record" ? findField(type, name) : null;
  if (found === null) return new Pointer(asThing(object.child(name, dynamic(name))));
  for (const [i, outer] of found.through.entries()) {
    if (outer.type.kind !== "record" || !outer.type.union) continue;
    const inner = asThing(object.child(`<union ${i} of ${outer.type.name}>`, outer.type));
    return memberRef(machine, new Pointer(inner), outer.type, name, place);
  }
  const child = asThing(object.child(name, found.field.type));
  return new Pointer(child, 0, found.field.bits === null ? null : { shift: 0, width: found.field.bits });
}

/** The object as a struct of another name: itself where that is open, its first member, or its owner. */
function seenAs(object: FieldThing, type: RecordType): Thing | null {
  if (object.type.kind === "record" && object.type.name === type.name) return object;
  if (object.type.kind === "dynamic") {
    if (object.value === null) object.type = type;
    return object;
  }
  const first = object.type.definition()?.fields[0];
  if (first?.name && first.type.kind === "record" && first.type.name === type.name) {
    return asThing(object.child(first.name, first.type));
  }
  const owner = object.owner?.kind === "field" ? object.owner : null;
  const outer = owner?.object.type;
  const isFirst =
    outer?.kind === "record" &&
    outer.name === type.name &&
    outer.definition()?.fields[0]?.name === owner?.field;
  if (owner !== null && isFirst) return owner.object;
  return object.type.definition() === null || type.definition() === null ? object : null;
}

export function nullRead(address: bigint, place: Place): Unknown {
  const what = address === 0n ? "a null pointer" : `the integer address 0x${address.toString(16)}`;
  return poison("invalid-pointer", `read through ${what}`, place);
}
