/**
 * Objects from outside (vcpu, svm, apic …): structs whose fields are made when they are touched, keyed
 * by name. No layout is asked for, so headers may be missing. Distinct paths are taken to be distinct
 * memory: `a->b->c` and `d->c` do not alias unless one pointer was stored in the other.
 */
import type { Place } from "../parse/ast.ts";
import { sizeOf } from "./layout.ts";
import { ByteObject, OUTSIDE, UNINITIALISED } from "./memory.ts";
import type { ArrayType, CType, DynamicType, RecordType } from "./types.ts";
import {
  type Background,
  type FieldThing,
  type ListThing,
  outside,
  type Owner,
  poison,
  type Thing,
  type Unknown,
  type Value,
} from "./value.ts";

/** Elements of arrays larger than this are made one by one. */
const ARRAY_AS_BYTES = 4096;

/** A struct by field names, or a piece whose type the tree does not define. */
export class FieldObject implements FieldThing {
  readonly kind = "fields";
  readonly name: string;
  /** `->` where the name is that of a pointer to it. */
  readonly separator: string;
  type: RecordType | DynamicType;
  background: Background;
  readonly owner: Owner | null;
  /** Made with the first field. */
  private fields: Map<string, Thing | ListThing> | null = null;
  alive = true;
  /** What was written to it as a whole, where it is no struct after all. */
  value: Value | null = null;
  /** Made by container_of from a member that has no owner. */
  container: { readonly member: string; readonly object: FieldThing } | null = null;

  constructor(options: {
    name: string;
    separator: string;
    type: RecordType | DynamicType;
    background: Background;
    owner?: Owner | null;
  }) {
    this.name = options.name;
    this.separator = options.separator;
    this.type = options.type;
    this.background = options.background;
    this.owner = options.owner ?? null;
  }

  /** The field, made when it is first touched. */
  child(name: string, type: CType): Thing | ListThing {
    let found = this.fields?.get(name);
    if (found === undefined) {
      const owner: Owner = { kind: "field", object: this, field: name };
      found = makeThing(`${this.name}${this.separator}${name}`, type, this.background, owner);
      this.adopt(name, found);
    }
    return found;
  }

  adopt(name: string, child: Thing | ListThing): void {
    this.fields ??= new Map();
    this.fields.set(name, child);
  }

  get touched(): boolean {
    return this.fields !== null;
  }

  /** All fields become what the background says. */
  reset(background: Background): void {
    this.fields = null;
    this.value = null;
    this.background = background;
  }

  /** Its value as a whole, where the type is missing. */
  read(place: Place): Value {
    if (this.value !== null) return this.value;
    switch (this.background.kind) {
      case "zero":
        return 0;
      case "poison":
        return poison(this.background.code, `${this.background.reason}: ${this.name}`, place);
      case "outside":
        return outside(`${this.name}${this.background.suffix}`, place, this.background.code);
    }
  }
}

/** An array of which no extent or layout is known, or one of structs. */
export class ListObject implements ListThing {
  readonly kind = "list";
  readonly name: string;
  readonly of: CType;
  /** null: not known. */
  readonly length: number | null;
  readonly background: Background;
  readonly owner: Owner | null;
  /** The list stands behind a pointer of that name. */
  readonly behindPointer: boolean;
  private readonly elements = new Map<number, Thing>();

  constructor(options: {
    name: string;
    of: CType;
    length: number | null;
    background: Background;
    owner?: Owner | null;
    behindPointer?: boolean;
  }) {
    this.name = options.name;
    this.of = options.of;
    this.length = options.length;
    this.background = options.background;
    this.owner = options.owner ?? null;
    this.behindPointer = options.behindPointer ?? false;
  }

  /** null: beyond the end. */
  element(index: number): Thing | null {
    if (!Number.isSafeInteger(index)) return null;
    if (this.length !== null && (index < 0 || index >= this.length)) return null;
    let found = this.elements.get(index);
    if (found === undefined) this.elements.set(index, (found = this.make(index)));
    return found;
  }

  private make(index: number): Thing {
    const owner: Owner = { kind: "element", list: this, index };
    const first = this.behindPointer && index === 0;
    const name = first ? this.name : `${this.name}[${index}]`;
    return asThing(makeThing(name, this.of, this.background, owner, first ? "->" : "."));
  }
}

/** Memory for a value of the type, by fields where its layout is open or large, else by bytes. */
export function makeThing(
  name: string,
  type: CType,
  background: Background,
  owner: Owner | null,
  separator = ".",
): Thing | ListThing {
  switch (type.kind) {
    case "record":
      return makeRecord(name, type, background, { owner, separator });
    case "array":
      return makeArray(name, type, background, owner);
    case "dynamic":
      return new FieldObject({ name, separator, type, background, owner });
    case "void":
    case "function":
      return new FieldObject({
        name,
        separator,
        type: { kind: "dynamic", name: type.kind },
        background,
        owner,
      });
    default:
      return new ByteObject({ name, type, size: sizeOf(type) ?? 0, background, owner });
  }
}

/** A union is kept by bytes, so that its members see each other. */
function makeRecord(
  name: string,
  type: RecordType,
  background: Background,
  options: { owner: Owner | null; separator: string },
): Thing {
  const size = type.union ? sizeOf(type) : null;
  if (size === null || size > ARRAY_AS_BYTES) return new FieldObject({ name, type, background, ...options });
  return new ByteObject({ name, type, size, background, owner: options.owner });
}

function makeArray(
  name: string,
  type: ArrayType,
  background: Background,
  owner: Owner | null,
): Thing | ListThing {
  const scalar = type.of.kind === "int" || type.of.kind === "pointer";
  const inner = type.of.kind === "array" && isScalarArray(type.of);
  const size = scalar || inner ? sizeOf(type) : null;
  if (size === null || size > ARRAY_AS_BYTES) {
    if (scalar) return growing(name, type, background, owner);
    return new ListObject({ name, of: type.of, length: type.length, background, owner });
  }
  const open = type.length === null;
  return new ByteObject({ name, type, size, background, owner, growable: open });
}

function isScalarArray(type: ArrayType): boolean {
  if (type.of.kind === "array") return isScalarArray(type.of);
  return type.of.kind === "int" || type.of.kind === "pointer";
}

function growing(name: string, type: CType, background: Background, owner: Owner | null): ByteObject {
  return new ByteObject({ name, type, size: 0, background, owner, growable: true });
}

/** An array of structs is pointed to by its first element. */
export function asThing(found: Thing | ListThing): Thing {
  if (found.kind !== "list") return found;
  return found.element(0) ?? new FieldObject(emptyList(found));
}

function emptyList(list: ListThing): ConstructorParameters<typeof FieldObject>[0] {
  const type: DynamicType = { kind: "dynamic", name: "an element of an empty array" };
  return { name: list.name, separator: ".", type, background: UNINITIALISED };
}

/** What a pointer of unknown value points to, named after it. */
export function makePointee(pointer: Unknown, to: CType): ByteObject | ListObject {
  if (to.kind === "int" || to.kind === "pointer") {
    const type: ArrayType = { kind: "array", of: to, length: null };
    return growing(pointer.text, type, OUTSIDE, null);
  }
  return new ListObject({
    name: pointer.text,
    of: to,
    length: null,
    background: OUTSIDE,
    behindPointer: true,
  });
}
