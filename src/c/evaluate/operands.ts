/** Operands: constants, promotion, conversion to a type. */
import type { Expression, Place } from "../parse/ast.ts";
import type { Code, Operand } from "./context.ts";
import { convert } from "./convert.ts";
import { type CType, type IntType, promote, promoteBitField } from "./types.ts";

/** The type an integer operand has after promotion. */
export function promoted(operand: Operand): IntType | null {
  if (operand.type.kind !== "int") return null;
  return operand.bits === undefined ? promote(operand.type) : promoteBitField(operand.type, operand.bits);
}

/** The operand brought into a type. */
export function converted(operand: Operand, to: CType, place: Place): Code {
  const { type: from, run } = operand;
  if (from === to) return run;
  if (operand.constant !== undefined) {
    const value = convert(operand.constant, from, to, place);
    return () => value;
  }
  if (
    from.kind === "int" &&
    to.kind === "int" &&
    from.size <= 4 &&
    to.size === 4 &&
    (from.signed === to.signed || from.size < 4)
  ) {
    return run.length === 0 ? run : widenedCode(run, from, to, place);
  }
  return (frame) => convert(run(frame), from, to, place);
}

/** A narrow number is the same number in int; only what is not a number needs work. */
function widenedCode(run: Code, from: IntType, to: IntType, place: Place): Code {
  if (from.signed && !to.signed) return (frame) => convert(run(frame), from, to, place);
  return (frame) => {
    const value = run(frame);
    return typeof value === "number" ? value : convert(value, from, to, place);
  };
}

export function constantOperand(type: CType, constant: number | bigint): Operand {
  return { type, constant, run: () => constant };
}

/** The operand as a cast gives it; constant if it was. */
export function cast(operand: Operand, type: CType, node: Expression): Operand {
  const run = converted(operand, type, node.place);
  if (operand.constant === undefined) return { type, run };
  const constant = convert(operand.constant, operand.type, type, node.place);
  return typeof constant === "number" || typeof constant === "bigint"
    ? { type, run, constant }
    : { type, run };
}
