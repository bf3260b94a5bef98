/** C types as on x86-64 with gcc (LP64), and the conversions C makes between them. */

export interface IntType {
  readonly kind: "int";
  readonly name: string;
  /** Bytes: 1, 2, 4, 8 or 16. */
  readonly size: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly bool: boolean;
  /** C's conversion rank: _Bool 0, char 1, short 2, int 3, long 4, long long 5, __int128 6. */
  readonly rank: number;
}

export interface VoidType {
  readonly kind: "void";
}

/** Floating types are recognised and refused: kernel code has none. */
export interface FloatType {
  readonly kind: "float";
  readonly size: number;
}

export interface PointerType {
  readonly kind: "pointer";
  readonly to: CType;
}

export interface ArrayType {
  readonly kind: "array";
  readonly of: CType;
  /** null for `[]`. */
  readonly length: number | null;
}

export interface FunctionType {
  readonly kind: "function";
  readonly returns: CType;
  readonly parameters: readonly CType[];
  readonly variadic: boolean;
}

/** A struct or union; its fields are worked out when first asked for. */
export interface RecordType {
  readonly kind: "record";
  readonly union: boolean;
  /** `struct vcpu_svm`, or a made-up name for one without tag. */
  readonly name: string;
  /** null: no definition in the tree. */
  readonly definition: () => RecordDefinition | null;
}

export interface RecordDefinition {
  readonly fields: readonly Field[];
  readonly packed: boolean;
  /** Least alignment asked for by attributes, in bytes; 1 if none. */
  readonly aligned: number;
}

export interface Field {
  /** null for an anonymous struct or union, and an unnamed bit-field. */
  readonly name: string | null;
  readonly type: CType;
  /** Width of a bit-field. */
  readonly bits: number | null;
  readonly packed: boolean;
  readonly aligned: number;
}

/** A type that the tree does not define: values carry their own type at run time. */
export interface DynamicType {
  readonly kind: "dynamic";
  /** What is missing, for messages. */
  readonly name: string;
}

export type CType =
  IntType | VoidType | FloatType | PointerType | ArrayType | FunctionType | RecordType | DynamicType;

function int(name: string, size: number, signed: boolean, rank: number): IntType {
  return { kind: "int", name, size, bits: size * 8, signed, bool: name === "_Bool", rank };
}

export const BOOL = int("_Bool", 1, false, 0);
export const SIGNED_CHAR = int("signed char", 1, true, 1);
export const UNSIGNED_CHAR = int("unsigned char", 1, false, 1);
export const CHAR_SIGNED = int("char", 1, true, 1);
export const CHAR_UNSIGNED = int("char", 1, false, 1);
export const SHORT = int("short", 2, true, 2);
export const UNSIGNED_SHORT = int("unsigned short", 2, false, 2);
export const INT = int("int", 4, true, 3);
export const UNSIGNED = int("unsigned int", 4, false, 3);
export const LONG = int("long", 8, true, 4);
export const UNSIGNED_LONG = int("unsigned long", 8, false, 4);
export const LONG_LONG = int("long long", 8, true, 5);
export const UNSIGNED_LONG_LONG = int("unsigned long long", 8, false, 5);
export const INT128 = int("__int128", 16, true, 6);
export const UNSIGNED_INT128 = int("unsigned __int128", 16, false, 6);
export const VOID: VoidType = { kind: "void" };
const FLOAT: FloatType = { kind: "float", size: 4 };
const DOUBLE: FloatType = { kind: "float", size: 8 };
export const VOID_POINTER: PointerType = { kind: "pointer", to: VOID };

const BASE_TYPES: ReadonlyMap<string, CType> = new Map<string, CType>([
  ["void", VOID],
  ["_Bool", BOOL],
  ["char signed", SIGNED_CHAR],
  ["char unsigned", UNSIGNED_CHAR],
  ...spellings("short", SHORT, UNSIGNED_SHORT),
  ["int", INT],
  ["signed", INT],
  ["int signed", INT],
  ["unsigned", UNSIGNED],
  ["int unsigned", UNSIGNED],
  ...spellings("long", LONG, UNSIGNED_LONG),
  ...spellings("long long", LONG_LONG, UNSIGNED_LONG_LONG),
  ["__int128", INT128],
  ["__int128 signed", INT128],
  ["__int128 unsigned", UNSIGNED_INT128],
  ["float", FLOAT],
  ["double", DOUBLE],
  ["double long", { kind: "float", size: 16 }],
]);

/** All spellings of a type that may have `int`, `signed` or `unsigned` beside it, words sorted. */
function spellings(words: string, signed: IntType, unsigned: IntType): [string, CType][] {
  const sorted = (more: string): string => [...words.split(" "), ...more.split(" ")].sort().join(" ");
  return [
    [words, signed],
    [sorted("int"), signed],
    [sorted("signed"), signed],
    [sorted("int signed"), signed],
    [sorted("unsigned"), unsigned],
    [sorted("int unsigned"), unsigned],
  ];
}

/**
 * The type named by sorted basic words; null if there is none.
 * @param charSigned what plain `char` is: the kernel builds with -funsigned-char since 6.2.
 */
export function baseType(words: string, charSigned: boolean): CType | null {
  if (words === "char") return charSigned ? CHAR_SIGNED : CHAR_UNSIGNED;
  return BASE_TYPES.get(words) ?? null;
}

export function pointerTo(to: CType): PointerType {
  return { kind: "pointer", to };
}

export function dynamic(name: string): DynamicType {
  return { kind: "dynamic", name };
}

export function isScalar(type: CType): boolean {
  return type.kind === "int" || type.kind === "pointer" || type.kind === "dynamic";
}

/** Integers smaller than int become int (C11 6.3.1.1). */
export function promote(type: IntType): IntType {
  return type.rank < INT.rank ? INT : type;
}

/**
 * A bit-field narrower than int becomes int, too; one as wide as unsigned stays unsigned. Wider ones
 * are, to gcc, of a type of exactly their width: sums of them wrap there.
 */
export function promoteBitField(type: IntType, bits: number): IntType {
  if (bits < 32 || (bits === 32 && type.signed)) return INT;
  if (bits === 32) return UNSIGNED;
  return bits >= type.bits ? promote(type) : { ...type, bits, rank: INT.rank + bits / 64 };
}

/** The usual arithmetic conversions (C11 6.3.1.8). */
export function arithmeticType(left: IntType, right: IntType): IntType {
  const a = promote(left);
  const b = promote(right);
  if (a.signed === b.signed) return a.rank >= b.rank ? a : b;
  const [unsigned, signed] = a.signed ? [b, a] : [a, b];
  if (unsigned.rank >= signed.rank) return unsigned;
  return signed.bits > unsigned.bits ? signed : unsignedOf(signed);
}

export function unsignedOf(type: IntType): IntType {
  if (!type.signed) return type;
  return { ...type, signed: false, name: `unsigned ${type.name}` };
}

/** Arrays and functions become pointers where a value is asked for (C11 6.3.2.1). */
export function decay(type: CType): CType {
  if (type.kind === "array") return pointerTo(type.of);
  if (type.kind === "function") return pointerTo(type);
  return type;
}

/** Same type, qualifiers aside (C11 6.2.7), as _Generic and __builtin_types_compatible_p ask. */
export function compatible(a: CType, b: CType): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case "int":
      return b.kind === "int" && a.rank === b.rank && a.signed === b.signed && a.name === b.name;
    case "float":
      return b.kind === "float" && a.size === b.size;
    case "void":
      return b.kind === "void";
    case "pointer":
      return b.kind === "pointer" && compatible(a.to, b.to);
    case "array":
      return b.kind === "array" && compatible(a.of, b.of) && sameLength(a.length, b.length);
    case "record":
      return b.kind === "record" && a.union === b.union && a.name === b.name;
    case "function":
      return b.kind === "function" && sameFunction(a, b);
    case "dynamic":
      return b.kind === "dynamic" && a.name === b.name;
  }
}

function sameLength(a: number | null, b: number | null): boolean {
  return a === null || b === null || a === b;
}

function sameFunction(a: FunctionType, b: FunctionType): boolean {
  if (a.parameters.length !== b.parameters.length || a.variadic !== b.variadic) return false;
  return (
    compatible(a.returns, b.returns) &&
    a.parameters.every((parameter, i) => compatible(parameter, b.parameters[i] ?? VOID))
  );
}

/** The type in C's own words, for messages. */
export function typeText(type: CType): string {
  switch (type.kind) {
    case "int":
    case "record":
    case "dynamic":
      return type.name;
    case "void":
      return "void";
    case "float":
      return type.size === 4 ? "float" : "double";
    case "pointer":
      return `${typeText(type.to)} *`;
    case "array":
      return `${typeText(type.of)}[${type.length ?? ""}]`;
    case "function":
      return `${typeText(type.returns)} (${type.parameters.map(typeText).join(", ")})`;
  }
}
