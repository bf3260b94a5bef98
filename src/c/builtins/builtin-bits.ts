/**
 * The kernel's bit operations and bitmaps (include/linux/bitops.h, bitmap.h, find.h). The tree's own end
 * in inline assembly on x86, so their documented meaning stands here. Atomic and plain (`__`) forms do
 * the same for one thread.
 */
import type { Place } from "../parse/ast.ts";
import { plainNumber, readBit, writeBit } from "./bitmap.ts";
import { bitCount, byteSwap, counting } from "./builtin-gcc.ts";
import { type Builtin, type BuiltinTable, fn, named, type Running } from "./builtin.ts";
import type { Runtime } from "../evaluate/context.ts";
import {
  INT,
  LONG,
  UNSIGNED,
  UNSIGNED_CHAR,
  UNSIGNED_LONG,
  UNSIGNED_SHORT,
  VOID,
  VOID_POINTER,
} from "../evaluate/types.ts";
import { StopSignal, Unknown, type Value } from "../evaluate/value.ts";

/** More bits than any bitmap of the kernel has. */
const MOST_BITS = 1 << 22;

function setting(to: number | null): Builtin {
  return fn(VOID, [LONG, VOID_POINTER], ({ frame, place }, bit, address) => {
    writeBit(frame.machine, address, bit, to, place);
    return 0;
  });
}

function testAnd(to: number | null): Builtin {
  return fn(INT, [LONG, VOID_POINTER], ({ frame, place }, bit, address) => {
    const before = readBit(frame.machine, address, bit, place);
    writeBit(frame.machine, address, bit, to, place);
    return before;
  });
}

function count({ frame, place }: Running, value: Value): number {
  const bits = plainNumber(value);
  if (bits instanceof Unknown) throw new StopSignal(bits.code, `${bits.reason} decides how many bits`, place);
  if (!(bits >= 0 && bits <= MOST_BITS))
    throw new StopSignal("out-of-bounds", `a bitmap of ${bits} bits`, place);
  frame.machine.spend(bits / 8);
  return bits;
}

function fillRange(to: number): Builtin {
  return fn(VOID, [VOID_POINTER, UNSIGNED, UNSIGNED], (running, map, start, length) => {
    const first = count(running, start);
    const bits = count(running, length);
    for (let i = 0; i < bits; i++) writeBit(running.frame.machine, map, first + i, to, running.place);
    return 0;
  });
}

/** bitmap_zero and bitmap_fill work on whole longs. */
function fillAll(to: number): Builtin {
  return fn(VOID, [VOID_POINTER, UNSIGNED], (running, map, length) => {
    const bits = Math.ceil(count(running, length) / 64) * 64;
    for (let i = 0; i < bits; i++) writeBit(running.frame.machine, map, i, to, running.place);
    return 0;
  });
}

/** Is the bit `wanted`? An unknown one is asked, as it decides where the search ends. */
function isBit(machine: Runtime, map: Value, bit: number, wanted: boolean, place: Place): boolean {
  return machine.truth(readBit(machine, map, bit, place), place) === wanted;
}

function search(wanted: boolean, from: "start" | "argument"): Builtin {
  const parameters =
    from === "start" ? [VOID_POINTER, UNSIGNED_LONG] : [VOID_POINTER, UNSIGNED_LONG, UNSIGNED_LONG];
  return fn(UNSIGNED_LONG, parameters, (running, map, size, start) => {
    const { frame, place } = running;
    const end = count(running, size);
    const first = start === undefined ? 0 : plainNumber(start);
    if (first instanceof Unknown)
      throw new StopSignal(first.code, `${first.reason} decides where a search begins`, place);
    for (let i = first; i < end; i++) if (isBit(frame.machine, map, i, wanted, place)) return BigInt(i);
    return BigInt(end);
  });
}

const findLast = fn(UNSIGNED_LONG, [VOID_POINTER, UNSIGNED_LONG], (running, map, size) => {
  const end = count(running, size);
  for (let i = end - 1; i >= 0; i--)
    if (isBit(running.frame.machine, map, i, true, running.place)) return BigInt(i);
  return BigInt(end);
});

const weight = fn(UNSIGNED, [VOID_POINTER, UNSIGNED], (running, map, size) => {
  let found = 0;
  const end = count(running, size);
  for (let i = 0; i < end; i++) if (isBit(running.frame.machine, map, i, true, running.place)) found++;
  return found;
});

/** Do all bits have the value? */
function all(wanted: boolean): Builtin {
  return fn(INT, [VOID_POINTER, UNSIGNED], (running, map, size) => {
    const end = count(running, size);
    for (let i = 0; i < end; i++) if (!isBit(running.frame.machine, map, i, wanted, running.place)) return 0;
    return 1;
  });
}

/** dst = a `combine` b, bit by bit. Gives whether the result has a bit set, as bitmap_and does. */
function combining(combine: (a: boolean, b: boolean) => boolean): Builtin {
  return fn(INT, [VOID_POINTER, VOID_POINTER, VOID_POINTER, UNSIGNED], (running, to, a, b, size) => {
    const { frame, place } = running;
    const end = count(running, size);
    let any = 0;
    for (let i = 0; i < end; i++) {
      const bit = combine(isBit(frame.machine, a, i, true, place), isBit(frame.machine, b, i, true, place));
      writeBit(frame.machine, to, i, bit ? 1 : 0, place);
      if (bit) any = 1;
    }
    return any;
  });
}

function copying(change: (bit: boolean) => boolean): Builtin {
  return fn(VOID, [VOID_POINTER, VOID_POINTER, UNSIGNED], (running, to, from, size) => {
    const { frame, place } = running;
    const end = count(running, size);
    for (let i = 0; i < end; i++) {
      const bit = change(isBit(frame.machine, from, i, true, place));
      writeBit(frame.machine, to, i, bit ? 1 : 0, place);
    }
    return 0;
  });
}

/** Holds `rule` for each pair of bits? */
function relation(rule: (a: boolean, b: boolean) => boolean): Builtin {
  return fn(INT, [VOID_POINTER, VOID_POINTER, UNSIGNED], (running, a, b, size) => {
    const { frame, place } = running;
    const end = count(running, size);
    for (let i = 0; i < end; i++) {
      if (!rule(isBit(frame.machine, a, i, true, place), isBit(frame.machine, b, i, true, place))) return 0;
    }
    return 1;
  });
}

const assign = fn(VOID, [LONG, VOID_POINTER, INT], ({ frame, place }, bit, address, value) => {
  writeBit(frame.machine, address, bit, value, place);
  return 0;
});

function lowest(value: bigint): number {
  return (value & -value).toString(2).length - 1;
}

function highest(value: bigint): number {
  return value.toString(2).length - 1;
}

export const BIT_BUILTINS: BuiltinTable = {
  ...named("set_bit __set_bit arch_set_bit arch___set_bit", setting(1)),
  ...named(
    "clear_bit __clear_bit clear_bit_unlock __clear_bit_unlock arch_clear_bit arch___clear_bit",
    setting(0),
  ),
  ...named("change_bit __change_bit", setting(null)),
  ...named("test_and_set_bit __test_and_set_bit test_and_set_bit_lock", testAnd(1)),
  ...named("test_and_clear_bit __test_and_clear_bit", testAnd(0)),
  ...named("test_and_change_bit __test_and_change_bit", testAnd(null)),
  ...named("assign_bit __assign_bit", assign),
  ...named(
    "test_bit test_bit_acquire _test_bit arch_test_bit const_test_bit generic_test_bit constant_test_bit variable_test_bit",
    fn(INT, [LONG, VOID_POINTER], ({ frame, place }, bit, address) =>
      readBit(frame.machine, address, bit, place),
    ),
  ),
  ...named("bitmap_zero", fillAll(0)),
  ...named("bitmap_fill", fillAll(1)),
  ...named("bitmap_set __bitmap_set", fillRange(1)),
  ...named("bitmap_clear __bitmap_clear", fillRange(0)),
  ...named(
    "bitmap_copy",
    copying((bit) => bit),
  ),
  ...named(
    "bitmap_complement",
    copying((bit) => !bit),
  ),
  ...named(
    "bitmap_and",
    combining((a, b) => a && b),
  ),
  ...named(
    "bitmap_or",
    combining((a, b) => a || b),
  ),
  ...named(
    "bitmap_xor",
    combining((a, b) => a !== b),
  ),
  ...named(
    "bitmap_andnot",
    combining((a, b) => a && !b),
  ),
  ...named(
    "bitmap_equal",
    relation((a, b) => a === b),
  ),
  ...named(
    "bitmap_subset",
    relation((a, b) => !a || b),
  ),
  ...named("bitmap_empty", all(false)),
  ...named("bitmap_full", all(true)),
  ...named("bitmap_weight", weight),
  find_first_bit: search(true, "start"),
  find_first_zero_bit: search(false, "start"),
  find_next_bit: search(true, "argument"),
  find_next_zero_bit: search(false, "argument"),
  find_last_bit: findLast,
  // Positions and counts of bits in a word.
  ...named("hweight8 __sw_hweight8 __arch_hweight8", counting(UNSIGNED_CHAR, 0, bitCount)),
  ...named("hweight16 __arch_hweight16", counting(UNSIGNED_SHORT, 0, bitCount)),
  ...named("hweight32 __sw_hweight32 __arch_hweight32", counting(UNSIGNED, 0, bitCount)),
  ...named("hweight64 hweight_long __sw_hweight64 __arch_hweight64", counting(UNSIGNED_LONG, 0, bitCount)),
  ...named(
    "ffs variable_ffs",
    counting(UNSIGNED, 0, (value) => lowest(value) + 1),
  ),
  ...named(
    "fls",
    counting(UNSIGNED, 0, (value) => highest(value) + 1),
  ),
  ...named(
    "fls64 fls_long",
    counting(UNSIGNED_LONG, 0, (value) => highest(value) + 1),
  ),
  ...named("__ffs __ffs64 variable__ffs", counting(UNSIGNED_LONG, null, lowest)),
  ...named("__fls", counting(UNSIGNED_LONG, null, highest)),
  ...named("ilog2 __ilog2_u64", counting(UNSIGNED_LONG, null, highest)),
  ffz: counting(UNSIGNED_LONG, 0, (value) => lowest(~value & 0xffff_ffff_ffff_ffffn)),
  ...named("swab16 __swab16", byteSwap(UNSIGNED_SHORT)),
  ...named("swab32 __swab32", byteSwap(UNSIGNED)),
  ...named("swab64 __swab64", byteSwap(UNSIGNED_LONG)),
};
