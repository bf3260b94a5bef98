/** gcc's own built-ins, as its manual describes them. */
import { asRef, store } from "../evaluate/access.ts";
import { convertInteger, type Integer, wrapWide } from "../evaluate/arithmetic.ts";
import type { Expression } from "../parse/ast.ts";
import {
  argument,
  type Builtin,
  type BuiltinCall,
  type BuiltinTable,
  fn,
  named,
  typeArgument,
} from "./builtin.ts";
import type { Operand } from "../evaluate/context.ts";
import { findField, sizeOf } from "../evaluate/layout.ts";
import { constantOperand, converted } from "../evaluate/operands.ts";
import { typeOfExpression } from "../evaluate/resolve.ts";
import { symbolicBinary, TRUTH_BITS } from "../evaluate/symbolic.ts";
import {
  BOOL,
  compatible,
  type CType,
  INT,
  type IntType,
  LONG,
  UNSIGNED,
  UNSIGNED_LONG,
  UNSIGNED_SHORT,
  VOID,
  VOID_POINTER,
} from "../evaluate/types.ts";
import { outside, poison, StopSignal, Unknown, type Value } from "../evaluate/value.ts";

/** The first argument, as long: what __builtin_expect gives. */
function expect({ cx, args, node }: BuiltinCall): Operand {
  const operand = cx.rules.value(cx, argument(args, 0, node));
  const run = converted(operand, LONG, node.place);
  return operand.constant === undefined
    ? { type: LONG, run }
    : constantOperand(LONG, convertInteger(operand.constant, LONG));
}

function constantP({ cx, args, node }: BuiltinCall): Operand {
  const { constant } = cx.rules.value(cx, argument(args, 0, node));
  return constantOperand(INT, constant === undefined ? 0 : 1);
}

/** Only the chosen expression counts, type and all. */
function chooseExpr({ cx, args, node }: BuiltinCall): Operand {
  const { constant } = cx.rules.value(cx, argument(args, 0, node));
  if (constant === undefined)
    throw new StopSignal("unsupported", "__builtin_choose_expr on no constant", node.place);
  return cx.rules.value(cx, argument(args, BigInt(constant) !== 0n ? 1 : 2, node));
}

function typesCompatible(call: BuiltinCall): Operand {
  return constantOperand(INT, compatible(typeOf(call, 0), typeOf(call, 1)) ? 1 : 0);
}

function typeOf(call: BuiltinCall, index: number): CType {
  const arg = argument(call.args, index, call.node);
  return arg.kind === "type" || arg.kind === "name"
    ? typeArgument(call, index)
    : typeOfExpression(call.cx, arg);
}

/** `offsetof(type, a.b[1])`. */
function offsetOf(call: BuiltinCall): Operand {
  const type = typeArgument(call, 0);
  const offset = memberOffset(call, type, argument(call.args, 1, call.node));
  if (offset !== null) return constantOperand(UNSIGNED_LONG, BigInt(offset.at));
  return {
    type: UNSIGNED_LONG,
    run: () => poison("missing-type", "an offset in a struct whose layout is not known", call.node.place),
  };
}

function memberOffset(call: BuiltinCall, type: CType, path: Expression): { at: number; type: CType } | null {
  if (path.kind === "name") return fieldAt({ at: 0, type }, path.name);
  if (path.kind === "member") {
    const base = memberOffset(call, type, path.base);
    return base === null ? null : fieldAt(base, path.name);
  }
  if (path.kind !== "index") return null;
  const base = memberOffset(call, type, path.base);
  const index = call.cx.rules.value(call.cx, path.index).constant;
  if (base?.type.kind !== "array" || index === undefined) return null;
  const size = sizeOf(base.type.of);
  return size === null ? null : { at: base.at + Number(index) * size, type: base.type.of };
}

function fieldAt(base: { at: number; type: CType }, name: string): { at: number; type: CType } | null {
  const found = base.type.kind === "record" ? findField(base.type, name) : null;
  if (found === null || found.offset === null) return null;
  return { at: base.at + found.offset, type: found.field.type };
}

function leadingZeros(value: bigint, bits: number): number {
  return bits - value.toString(2).length + (value === 0n ? 1 : 0);
}

function trailingZeros(value: bigint): number {
  return (value & -value).toString(2).length - 1;
}

export function bitCount(value: bigint): number {
  let count = 0;
  for (let rest = value; rest > 0n; rest &= rest - 1n) count++;
  return count;
}

/** A count over the bits of an unsigned argument; `zero` is what 0 gives, null if undefined. */
export function counting(type: IntType, zero: number | null, count: (value: bigint) => number): Builtin {
  return fn(INT, [type], ({ place, frame }, arg) => {
    if (typeof arg !== "number" && typeof arg !== "bigint")
      return outside(`count of bits in ${frame.machine.textOf(arg)}`, place);
    const value = BigInt.asUintN(type.bits, BigInt(arg));
    if (value !== 0n) return count(value);
    return zero ?? poison("unsupported", "a count of the bits of 0, which is undefined", place);
  });
}

function bitBuiltins(suffix: string, type: IntType): BuiltinTable {
  return {
    [`__builtin_clz${suffix}`]: counting(type, null, (value) => leadingZeros(value, type.bits)),
    [`__builtin_ctz${suffix}`]: counting(type, null, trailingZeros),
    [`__builtin_ffs${suffix}`]: counting(type, 0, (value) => trailingZeros(value) + 1),
    [`__builtin_popcount${suffix}`]: counting(type, 0, bitCount),
    [`__builtin_parity${suffix}`]: counting(type, 0, (value) => bitCount(value) & 1),
    [`__builtin_clrsb${suffix}`]: fn(INT, [type], (_, arg) => signBits(arg, type)),
  };
}

function signBits(arg: Value, type: IntType): Value {
  if (typeof arg !== "number" && typeof arg !== "bigint") return arg;
  const value = BigInt.asIntN(type.bits, BigInt(arg));
  return leadingZeros(value < 0n ? ~value : value, type.bits) - 1;
}

/** Bytes in the opposite order. */
export function byteSwap(type: IntType): Builtin {
  return fn(type, [type], ({ place, frame }, arg) => {
    if (typeof arg !== "number" && typeof arg !== "bigint")
      return outside(`swapped bytes of ${frame.machine.textOf(arg)}`, place);
    let rest = BigInt.asUintN(type.bits, BigInt(arg));
    let swapped = 0n;
    for (let i = 0; i < type.size; i++, rest >>= 8n) swapped = (swapped << 8n) | (rest & 0xffn);
    return convertInteger(swapped, type);
  });
}

/** Computes without bound, stores what fits, and tells whether it fitted. */
function overflow(operator: "+" | "-" | "*"): Builtin {
  return ({ cx, args, node }) => {
    const left = cx.rules.value(cx, argument(args, 0, node));
    const right = cx.rules.value(cx, argument(args, 1, node));
    const result = cx.rules.value(cx, argument(args, 2, node));
    const type = result.type.kind === "pointer" ? result.type.to : null;
    if (type?.kind !== "int")
      throw new StopSignal("unsupported", "an overflow check into no integer", node.place);
    const run: Operand["run"] = (frame) => {
      const [a, b] = [left.run(frame), right.run(frame)];
      const to = asRef(result.run(frame), node.place);
      const exact = exactResult(operator, a, b);
      if (exact === null) {
        const unknown = unknownResult(operator, a, b, type, node);
        store(frame.machine, to, type, unknown, node.place);
        return unknown instanceof Unknown ? unknown.with(`overflow of ${unknown.text}`, TRUTH_BITS) : 0;
      }
      const wrapped = wrap(exact, type);
      store(frame.machine, to, type, wrapped, node.place);
      return BigInt(wrapped) === exact ? 0 : 1;
    };
    return { type: BOOL, run };
  };
}

function wrap(value: bigint, type: IntType): Integer {
  const wide = wrapWide(value, type);
  return type.size > 4 ? wide : Number(wide);
}

function exactResult(operator: "+" | "-" | "*", a: Value, b: Value): bigint | null {
  if ((typeof a !== "number" && typeof a !== "bigint") || (typeof b !== "number" && typeof b !== "bigint"))
    return null;
  const [x, y] = [BigInt(a), BigInt(b)];
  return operator === "+" ? x + y : operator === "-" ? x - y : x * y;
}

function unknownResult(
  operator: "+" | "-" | "*",
  a: Value,
  b: Value,
  type: IntType,
  node: Expression,
): Value {
  const operand = (value: Value): Integer | Unknown =>
    value instanceof Unknown || typeof value === "number" || typeof value === "bigint"
      ? value
      : outside("an address", node.place);
  return symbolicBinary(operator, operand(a), operand(b), type, node.place);
}

/** The same check without a place for the result. */
function overflowP(operator: "+" | "-" | "*"): Builtin {
  return ({ cx, args, node }) => {
    const [a, b, c] = [0, 1, 2].map((i) => cx.rules.value(cx, argument(args, i, node)));
    const type = c?.type.kind === "int" ? c.type : INT;
    const run: Operand["run"] = (frame) => {
      const exact = exactResult(operator, a?.run(frame) ?? 0, b?.run(frame) ?? 0);
      return exact === null
        ? outside("an overflow", node.place)
        : BigInt(wrap(exact, type)) === exact
          ? 0
          : 1;
    };
    return { type: BOOL, run };
  };
}

function never(what: string): Builtin {
  return fn(VOID, [], ({ place }) => {
    throw new StopSignal("assertion", what, place);
  });
}

function absolute(type: IntType): Builtin {
  return fn(type, [type], (_, arg) => {
    if (typeof arg === "bigint") return arg < 0n ? wrapWide(-arg, type) : arg;
    return typeof arg === "number" ? Math.abs(arg) | 0 : arg;
  });
}

export const GCC_BUILTINS: BuiltinTable = {
  ...named("__builtin_expect __builtin_expect_with_probability", expect),
  __builtin_constant_p: constantP,
  __builtin_choose_expr: chooseExpr,
  __builtin_types_compatible_p: typesCompatible,
  // The kernel's own __same_type, typecheck and friends are made of it.
  ...named("__builtin_offsetof offsetof", offsetOf),
  ...bitBuiltins("", UNSIGNED),
  ...bitBuiltins("l", UNSIGNED_LONG),
  ...bitBuiltins("ll", UNSIGNED_LONG),
  __builtin_bswap16: byteSwap(UNSIGNED_SHORT),
  __builtin_bswap32: byteSwap(UNSIGNED),
  __builtin_bswap64: byteSwap(UNSIGNED_LONG),
  __builtin_add_overflow: overflow("+"),
  __builtin_sub_overflow: overflow("-"),
  __builtin_mul_overflow: overflow("*"),
  __builtin_add_overflow_p: overflowP("+"),
  __builtin_sub_overflow_p: overflowP("-"),
  __builtin_mul_overflow_p: overflowP("*"),
  ...named("__builtin_abs", absolute(INT)),
  ...named("__builtin_labs __builtin_llabs", absolute(LONG)),
  __builtin_unreachable: never("code that must not be reached is reached"),
  __builtin_trap: never("a trap is reached"),
  __builtin_prefetch: fn(VOID, [], () => 0),
  // Sizes of objects are for checks at run time: all ones means "not known".
  ...named("__builtin_object_size __builtin_dynamic_object_size", () =>
    constantOperand(UNSIGNED_LONG, 0xffff_ffff_ffff_ffffn),
  ),
  __builtin_assume_aligned: fn(VOID_POINTER, [VOID_POINTER], (_, pointer) => pointer),
  __builtin_return_address: fn(VOID_POINTER, [], ({ place }) => outside("the return address", place)),
};
