/** Run-time values: integers, pointers, functions, and what is not known. */
import type { Place } from "../parse/ast.ts";
import type { CType, DynamicType, IntType, RecordType } from "./types.ts";

/** Why something cannot be determined. */
export type ReasonCode =
  /** A value from outside: a parameter, a field of a structure handed in, a variable that may change. */
  | "outside"
  | "unknown-function"
  | "unknown-symbol"
  | "assembly"
  | "shift"
  | "division"
  | "overflow"
  | "out-of-bounds"
  | "invalid-pointer"
  | "uninitialised"
  | "missing-type"
  | "unsupported"
  | "syntax"
  | "condition"
  | "assertion"
  | "step-limit"
  | "memory-limit"
  | "depth-limit";

/** A call on the way to a place, innermost first; `line` is where it stands in `function`. */
export interface Frame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

/** Why the evaluation ended early. */
export interface Stop {
  readonly code: ReasonCode;
  readonly reason: string;
  readonly place: Place;
  readonly stack: readonly Frame[];
}

/** Bits that are known although the whole is not: `value` counts where `mask` is 1. */
export interface KnownBits {
  readonly mask: bigint;
  readonly value: bigint;
}

/** The yes-or-no form of an unknown condition: `x != 3` is the negation of `x == 3`. */
export interface Question {
  readonly text: string;
  readonly negated: boolean;
  /** For `x == 3`: a yes tells that x is 3. */
  readonly equals?: { readonly text: string; readonly value: number | bigint };
}

const LONGEST_TEXT = 200;

/**
 * A value that cannot be told. `text` names it in C's words (`svm->x2avic_enabled`): two unknowns with
 * the same text are the same value. A `poison` one comes from an error in the code (shift beyond
 * width, uninitialised): a condition that rests on it cannot be followed either way.
 */
export class Unknown {
  readonly text: string;
  readonly code: ReasonCode;
  readonly reason: string;
  readonly place: Place;
  readonly bits: KnownBits | null;
  readonly poison: boolean;
  /** What is asked when a branch rests on the value; null: its own text. */
  readonly question: Question | null;

  constructor(
    text: string,
    why: { code: ReasonCode; reason: string; place: Place; poison?: boolean },
    bits: KnownBits | null = null,
    question: Question | null = null,
  ) {
    this.question = question;
    this.text = text.length > LONGEST_TEXT ? shortened(text) : text;
    this.code = why.code;
    this.reason = why.reason;
    this.place = why.place;
    this.poison = why.poison ?? false;
    this.bits = bits;
  }

  /** Another unknown for the same reason. */
  with(text: string, bits: KnownBits | null, question: Question | null = null): Unknown {
    return new Unknown(text, this, bits, question);
  }
}

/** A long text is cut; a checksum keeps different ones apart. */
function shortened(text: string): string {
  let sum = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193);
  return `${text.slice(0, LONGEST_TEXT - 60)}…#${(sum >>> 0).toString(16)}`;
}

/** A value made by an error in the code: harmless until something rests on it. */
export function poison(code: ReasonCode, reason: string, place: Place): Unknown {
  return new Unknown(`<${reason}>`, { code, reason, place, poison: true });
}

/** A value the code gets from outside. */
export function outside(text: string, place: Place, code: ReasonCode = "outside"): Unknown {
  return new Unknown(text, { code, reason: `the value of ${text} is not known`, place });
}

/** Where a thing is embedded: as a field of a field object, or as an element of a list. */
export type Owner =
  | { readonly kind: "field"; readonly object: FieldThing; readonly field: string }
  | { readonly kind: "element"; readonly list: ListThing; readonly index: number };

/** What unwritten memory holds. */
export type Background =
  | { readonly kind: "zero" }
  | { readonly kind: "poison"; readonly code: ReasonCode; readonly reason: string }
  /** Named after the object: `vcpu->arch.apic_base`. */
  | { readonly kind: "outside"; readonly code: ReasonCode; readonly suffix: string };

/** A change of a byte object, for those who watch it. Bytes of which a bit is unknown are null. */
export interface WriteEvent {
  readonly offset: number;
  readonly size: number;
  readonly before: readonly (number | null)[];
  readonly after: readonly (number | null)[];
}

/** Memory addressed by bytes; see memory.ts. */
export interface ByteThing {
  readonly kind: "bytes";
  readonly name: string;
  readonly type: CType | null;
  readonly growable: boolean;
  readonly owner: Owner | null;
  readonly size: number;
  background: Background;
  readonly: boolean;
  alive: boolean;
  watch: ((event: WriteEvent) => void) | null;
  reach(offset: number, end: number): boolean;
  readInteger(offset: number, size: number, signed: boolean, place: Place): Value;
  unknownAt(offset: number, size: number, place: Place): Unknown;
  path(offset: number, size: number): string;
  writeInteger(offset: number, size: number, value: number | bigint): void;
  writeOpaque(offset: number, size: number, value: Pointer | FunctionRef | Unknown): void;
  writeBits(offset: number, bits: KnownBits): void;
  forget(why: Background): void;
  copyFrom(source: ByteThing, range: { from: number; to: number; size: number }): number;
  snapshot(offset: number, size: number): (number | null)[];
  byteAt(offset: number): { value: number; known: number };
  fill(byte: number, offset?: number, size?: number): void;
}

/** A struct by field names; see fields.ts. */
export interface FieldThing {
  readonly kind: "fields";
  readonly name: string;
  readonly separator: string;
  type: RecordType | DynamicType;
  background: Background;
  readonly owner: Owner | null;
  value: Value | null;
  container: { readonly member: string; readonly object: FieldThing } | null;
  readonly touched: boolean;
  child(name: string, type: CType): Thing | ListThing;
  adopt(name: string, child: Thing | ListThing): void;
  reset(background: Background): void;
  read(place: Place): Value;
}

/** An array by elements; see fields.ts. */
export interface ListThing {
  readonly kind: "list";
  readonly name: string;
  readonly owner: Owner | null;
  readonly behindPointer: boolean;
  element(index: number): Thing | null;
}

export type Thing = ByteThing | FieldThing;

/** Where a bit-field lies within the bytes at a pointer. */
export interface BitRange {
  readonly shift: number;
  readonly width: number;
}

/** Into a byte object: bytes from its start. To a field object: the object itself, offset 0. */
export class Pointer {
  readonly object: Thing;
  readonly offset: number;
  /** Only while a bit-field is read or written. */
  readonly bits: BitRange | null;
  /** Set where only the object is known: it points somewhere into it. */
  readonly somewhere: Unknown | null;

  constructor(object: Thing, offset = 0, bits: BitRange | null = null, somewhere: Unknown | null = null) {
    this.object = object;
    this.offset = offset;
    this.bits = bits;
    this.somewhere = somewhere;
  }
}

/** A function as a value; `unit` is the file from whose point of view it is looked up. */
export class FunctionRef {
  readonly name: string;
  readonly unit: string;

  constructor(name: string, unit: string) {
    this.name = name;
    this.unit = unit;
  }
}

/** An integer with its type, where the program's text does not tell it (the type is missing). */
export class Boxed {
  readonly type: IntType;
  readonly value: number | bigint;

  constructor(type: IntType, value: number | bigint) {
    this.type = type;
    this.value = value;
  }
}

/**
 * Integers of up to 32 bits are numbers, wider ones bigint; both hold the value itself, signed or not.
 * A struct by value is a pointer to an object that nobody else holds.
 */
export type Value = number | bigint | Pointer | FunctionRef | Unknown | Boxed;

/** Ends the evaluation. Thrown inside src/c only; no Error, as nobody needs JavaScript's stack of it. */
export class StopSignal {
  readonly code: ReasonCode;
  readonly message: string;
  readonly place: Place;

  constructor(code: ReasonCode, message: string, place: Place) {
    this.code = code;
    this.message = message;
    this.place = place;
  }
}

export const NOWHERE: Place = { file: "", line: 0 };
