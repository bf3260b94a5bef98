/** Atomic counters and exchanges (include/linux/atomic.h, arch/x86/include/asm/cmpxchg.h), as one thread sees them. */
import type { Expression } from "../parse/ast.ts";
import {
  argument,
  assigned,
  type Builtin,
  type BuiltinTable,
  member,
  named,
  pointed,
  rewrite,
} from "./builtin.ts";
import { cast } from "../evaluate/operands.ts";
import { binaryOperand } from "../evaluate/operators.ts";

/** Stores the second argument and gives what was there before. */
export const exchange: Builtin = ({ cx, args, node }) => {
  const target = pointed(argument(args, 0, node));
  const old = cx.rules.value(cx, target);
  const write = cx.rules.value(cx, assigned(target, argument(args, 1, node)));
  return {
    type: old.type,
    run: (frame) => {
      const before = old.run(frame);
      write.run(frame);
      return before;
    },
  };
};

/** `cmpxchg(p, old, new)`: gives what was there; stores only if that was `old`. */
export const compareExchange: Builtin = ({ cx, args, node }) => {
  const target = pointed(argument(args, 0, node));
  const old = cx.rules.value(cx, target);
  const expected = cast(cx.rules.value(cx, argument(args, 1, node)), old.type, node);
  const write = cx.rules.value(cx, assigned(target, argument(args, 2, node)));
  return {
    type: old.type,
    run: (frame) => {
      const before = old.run(frame);
      const same = binaryOperand("==", { type: old.type, run: () => before }, expected, node.place).run(
        frame,
      );
      if (frame.machine.truth(same, node.place)) write.run(frame);
      return before;
    },
  };
};

/** `atomic_t`, `atomic64_t`: a counter in a struct. `at` tells which argument is the pointer. */
function counter(
  at: number,
  make: (target: Expression, args: readonly Expression[], node: Expression) => Expression,
): Builtin {
  return rewrite((args, node) => make(member(argument(args, at, node), "counter"), args, node));
}

function update(operator: "+" | "-" | "|" | "&", amount: 0 | 1 | null): Builtin {
  return counter(amount === null ? 1 : 0, (target, args, node) => {
    const one: Expression = { kind: "number", text: "1", place: node.place };
    const value = amount === null ? argument(args, 0, node) : one;
    return { kind: "assign", operator, target, value, place: node.place };
  });
}

export function atomics(prefix: string): BuiltinTable {
  return {
    ...named(
      `${prefix}_read ${prefix}_read_acquire`,
      counter(0, (target) => target),
    ),
    ...named(
      `${prefix}_set ${prefix}_set_release`,
      counter(0, (target, args, node) => assigned(target, argument(args, 1, node))),
    ),
    ...named(`${prefix}_inc ${prefix}_inc_return`, update("+", 1)),
    ...named(`${prefix}_dec ${prefix}_dec_return`, update("-", 1)),
    ...named(`${prefix}_add ${prefix}_add_return`, update("+", null)),
    ...named(`${prefix}_sub ${prefix}_sub_return`, update("-", null)),
    ...named(`${prefix}_or`, update("|", null)),
    ...named(`${prefix}_and`, update("&", null)),
  };
}
