/**
 * Kernel macros and helpers whose form in the tree is needlessly deep, ends in inline assembly, or
 * rests on the linker. Each has the documented meaning of the header named beside it.
 */
import { writer } from "../evaluate/assignments.ts";
import type { Expression } from "../parse/ast.ts";
import { atomics, compareExchange, exchange } from "./builtin-atomics.ts";
import {
  argument,
  assigned,
  type Builtin,
  type BuiltinCall,
  type BuiltinTable,
  fn,
  named,
  pointed,
  rewrite,
  typeArgument,
} from "./builtin.ts";
import { commonType } from "../evaluate/conditions.ts";
import { containerOf } from "./container.ts";
import type { Operand } from "../evaluate/context.ts";
import { convert } from "../evaluate/convert.ts";
import { sizeOf } from "../evaluate/layout.ts";
import { cast, constantOperand } from "../evaluate/operands.ts";
import { binaryOperand } from "../evaluate/operators.ts";
import { typeOfExpression } from "../evaluate/resolve.ts";
import { targetValue } from "../evaluate/targets.ts";
import { dynamic, INT, pointerTo, UNSIGNED_LONG, VOID } from "../evaluate/types.ts";
import { outside, poison, StopSignal, Unknown, type Value } from "../evaluate/value.ts";

/** The value of `!!(condition)`, as the WARN family gives it. The message is not evaluated. */
const warning = rewrite((args, node) => not(not(argument(args, 0, node))));

function not(operand: Expression): Expression {
  return { kind: "unary", operator: "!", operand, place: operand.place };
}

/** A kernel that goes on behind BUG_ON() did not meet its condition: an unknown one is not asked. */
const bugOn: Builtin = ({ cx, args, node }) => {
  const { run, type } = cx.rules.value(cx, argument(args, 0, node));
  return {
    type: VOID,
    run: (frame) => {
      const value = frame.machine.settle(run(frame), type);
      if (value instanceof Unknown) return 0;
      if (frame.machine.truth(value, node.place))
        throw new StopSignal("assertion", "BUG_ON() holds", node.place);
      return 0;
    },
  };
};

const bug = fn(VOID, [], ({ place }) => {
  throw new StopSignal("assertion", "BUG() is reached", place);
});

/** Evaluates nothing: what it says is checked when the kernel is built, or is no concern of values. */
const nothing: Builtin = () => ({ type: VOID, run: () => 0 });
const zero: Builtin = () => constantOperand(INT, 0);

const arraySize: Builtin = ({ cx, args, node }) => {
  const type = typeOfExpression(cx, argument(args, 0, node));
  const length = type.kind === "array" ? type.length : null;
  if (length !== null) return constantOperand(UNSIGNED_LONG, BigInt(length));
  const whole = sizeOf(type);
  const reason = whole === null ? "the size of an array that is not defined" : "ARRAY_SIZE of no array";
  return { type: UNSIGNED_LONG, run: () => poison("missing-type", reason, node.place) };
};

/** Two operands, evaluated once each, of which a comparison picks one. */
function picking(operator: "<" | ">", casts: boolean): Builtin {
  return (call) => {
    const { cx, args, node } = call;
    const skip = casts ? 1 : 0;
    const left = cx.rules.value(cx, argument(args, skip, node));
    const right = cx.rules.value(cx, argument(args, skip + 1, node));
    const type = casts ? typeArgument(call, 0) : commonType(left, right);
    return picked(operator, cast(left, type, node), cast(right, type, node), node);
  };
}

function picked(operator: "<" | ">", left: Operand, right: Operand, node: Expression): Operand {
  const { type } = left;
  const test = binaryOperand(operator, left, right, node.place);
  if (test.constant !== undefined) return BigInt(test.constant) !== 0n ? left : right;
  return {
    type,
    run: (frame) => {
      const [a, b] = [left.run(frame), right.run(frame)];
      const held = (value: Value): Operand => ({ type, run: () => value });
      const holds = binaryOperand(operator, held(a), held(b), node.place).run(frame);
      return frame.machine.truth(holds, node.place) ? a : b;
    },
  };
}

function callTo(name: string, args: readonly Expression[], node: Expression): Expression {
  const { place } = node;
  return { kind: "call", callee: { kind: "name", name, place }, args, place };
}

/** `min3(a, b, c)`. */
function nested(name: string): Builtin {
  return rewrite((args, node) => {
    const inner = callTo(name, [argument(args, 0, node), argument(args, 1, node)], node);
    return callTo(name, [inner, argument(args, 2, node)], node);
  });
}

/** `clamp(value, low, high)`. */
const clamp = rewrite((args, node) => {
  const least = callTo("max", [argument(args, 0, node), argument(args, 1, node)], node);
  return callTo("min", [least, argument(args, 2, node)], node);
});

const clampTyped = rewrite((args, node) => {
  const type = argument(args, 0, node);
  const least = callTo("max_t", [type, argument(args, 1, node), argument(args, 2, node)], node);
  return callTo("min_t", [type, least, argument(args, 3, node)], node);
});

const swap: Builtin = ({ cx, args, node }) => {
  const [a, b] = [argument(args, 0, node), argument(args, 1, node)];
  const targets = [cx.rules.target(cx, a), cx.rules.target(cx, b)] as const;
  const first = targetValue(targets[0], a);
  const second = targetValue(targets[1], b);
  const [writeFirst, writeSecond] = [writer(targets[0], a), writer(targets[1], b)];
  const toFirst = (value: Value): Value => convert(value, second.type, first.type, node.place);
  const toSecond = (value: Value): Value => convert(value, first.type, second.type, node.place);
  return {
    type: VOID,
    run: (frame) => {
      const [x, y] = [first.run(frame), second.run(frame)];
      writeFirst(frame, toFirst(y));
      writeSecond(frame, toSecond(x));
      return 0;
    },
  };
};

/** The argument itself: pointers under RCU, hints, checks that cost nothing here. */
const itself = rewrite((args, node) => argument(args, 0, node));

/** A branch that the running kernel patches: on or off, nobody knows. Named after its key. */
const staticBranch: Builtin = (call) => {
  const name = words(argument(call.args, 0, call.node));
  return { type: INT, run: (frame) => outside(name, frame.place) };
};

/** `static_call(name)`: a call target that the running kernel patches. */
const staticCall: Builtin = (call) => {
  const name = words(argument(call.args, 0, call.node));
  const type = pointerTo({ kind: "function", returns: dynamic(name), parameters: [], variadic: true });
  return { type, run: (frame) => outside(name, frame.place) };
};

/** An argument in its own words, without `&`. */
function words(node: Expression): string {
  if (node.kind === "name") return node.name;
  if (node.kind === "member") return `${words(node.base)}${node.arrow ? "->" : "."}${node.name}`;
  if (node.kind === "unary") return words(node.operand);
  return "a static key";
}

const pointerOf: Builtin = (call: BuiltinCall) => containerOf(call);

export const KERNEL_BUILTINS: BuiltinTable = {
  // include/linux/container_of.h
  ...named("container_of container_of_const list_entry hlist_entry rb_entry", pointerOf),
  // include/asm-generic/rwonce.h: a plain read or write for one thread
  ...named("READ_ONCE __READ_ONCE data_race READ_ONCE_NOCHECK ACCESS_ONCE", itself),
  ...named(
    "WRITE_ONCE __WRITE_ONCE",
    rewrite((args, node) => assigned(argument(args, 0, node), argument(args, 1, node))),
  ),
  // include/linux/compiler.h
  ...named("likely unlikely likely_notrace unlikely_notrace", warning),
  ...named("__must_be_array BUILD_BUG_ON_ZERO BUILD_BUG_ON_INVALID", zero),
  ...named("OPTIMIZER_HIDE_VAR barrier_data", nothing),
  // include/asm-generic/bug.h, include/linux/kvm_host.h
  ...named(
    "WARN WARN_ON WARN_ON_ONCE WARN_ONCE WARN_TAINT WARN_TAINT_ONCE WARN_ON_FUNCTION_MISMATCH",
    warning,
  ),
  ...named("KVM_BUG KVM_BUG_ON KVM_BUG_ON_DATA_CORRUPTION VM_WARN_ON VM_WARN_ON_ONCE", warning),
  ...named("BUG_ON VM_BUG_ON", bugOn),
  BUG: bug,
  // include/linux/build_bug.h, include/linux/compiler_types.h
  ...named(
    "BUILD_BUG BUILD_BUG_ON BUILD_BUG_ON_MSG BUILD_BUG_ON_NOT_POWER_OF_2 compiletime_assert compiletime_assert_atomic_type compiletime_assert_rwonce_type",
    nothing,
  ),
  // include/linux/array_size.h
  ARRAY_SIZE: arraySize,
  // include/linux/minmax.h
  ...named("min __min", picking("<", false)),
  ...named("max __max", picking(">", false)),
  min_t: picking("<", true),
  max_t: picking(">", true),
  min3: nested("min"),
  max3: nested("max"),
  clamp: clamp,
  ...named("clamp_t", clampTyped),
  swap,
  // include/linux/nospec.h: limits speculation, not values
  array_index_nospec: itself,
  // include/linux/rcupdate.h, srcu.h
  ...named(
    "rcu_dereference rcu_dereference_check rcu_dereference_protected rcu_dereference_raw rcu_access_pointer srcu_dereference srcu_dereference_check rcu_pointer_handoff",
    itself,
  ),
  ...named(
    "rcu_assign_pointer RCU_INIT_POINTER",
    rewrite((args, node) => assigned(argument(args, 0, node), argument(args, 1, node))),
  ),
  // arch/x86/include/asm/barrier.h
  ...named(
    "smp_load_acquire",
    rewrite((args, node) => pointed(argument(args, 0, node))),
  ),
  ...named(
    "smp_store_release smp_store_mb",
    rewrite((args, node) => assigned(pointed(argument(args, 0, node)), argument(args, 1, node))),
  ),
  // arch/x86/include/asm/cmpxchg.h
  ...named("xchg arch_xchg xchg_relaxed", exchange),
  ...named("cmpxchg arch_cmpxchg cmpxchg64", compareExchange),
  // include/linux/atomic.h
  ...atomics("atomic"),
  ...atomics("atomic64"),
  ...atomics("atomic_long"),
  // include/linux/jump_label.h, arch/x86/include/asm/cpufeature.h
  ...named(
    "static_branch_likely static_branch_unlikely static_key_enabled static_key_false static_key_true",
    staticBranch,
  ),
  // include/linux/static_call.h
  ...named("static_call static_call_cond static_call_mod", staticCall),
};
