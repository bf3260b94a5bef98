/** Joins the compiler's parts, and compiles expressions that are given as text. */
import { Assembly } from "./assembly.ts";
import type { Expression, Statement } from "../parse/ast.ts";
import { compileCall } from "./calls.ts";
import type { CompilerRules, Context, Operand } from "./context.ts";
import { declareTags } from "./declarations.ts";
import { completeArray } from "./initializers.ts";
import { parseExpression } from "../parse/parser.ts";
import type { Program } from "../program.ts";
import { resolveType } from "./resolve.ts";
import { Space } from "./space.ts";
import { compileStatement } from "./statements.ts";
import { compileTarget } from "./targets.ts";
import { decay, VOID } from "./types.ts";
import { StopSignal } from "./value.ts";
import { compileValue } from "./values.ts";

const RULES: CompilerRules = {
  value: compileValue,
  target: compileTarget,
  type: resolveType,
  call: compileCall,
  statements: compileStatements,
  completeArray,
  declareTags(cx: Context, statements: readonly Statement[]) {
    for (const each of statements) if (each.kind === "tag") declareTags(cx, each);
  },
};

const spaces = new WeakMap<Program, Space>();

/** The one space of a program. Plain char is unsigned where the config defines __CHAR_UNSIGNED__. */
export function spaceOf(program: Program): Space {
  let space = spaces.get(program);
  if (space === undefined) {
    const charSigned = program.config.defines["__CHAR_UNSIGNED__"] === undefined;
    spaces.set(program, (space = new Space(program, RULES, charSigned)));
  }
  return space;
}

/** `({ …; value; })`. */
function compileStatements(cx: Context, node: Expression & { kind: "statements" }): Operand {
  const inner = cx.fork();
  const out = new Assembly(true);
  const items = [...node.body.items];
  const last = items[items.length - 1];
  const value = last?.kind === "expression" ? last : null;
  if (value !== null) items.pop();
  for (const item of items) compileStatement(inner, item, out);
  const operand = value === null ? null : inner.rules.value(inner, value.value);
  return {
    type: operand === null ? VOID : decay(operand.type),
    run: (frame) => {
      frame.machine.runSteps(out.ops, frame);
      return operand === null ? 0 : operand.run(frame);
    },
  };
}

/** An expression given as text, compiled as if it stood at the end of a unit. */
export function compileText(space: Space, text: string, unit: string): Operand {
  const { tokens, problem } = space.program.expandExpression(text, unit);
  if (problem !== null) throw new StopSignal("syntax", problem.text, problem);
  const parsed = parseExpression(tokens, (name) => space.isTypedef(name, unit));
  if (!parsed.ok) throw new StopSignal("syntax", parsed.reason, parsed.place);
  return compileValue(space.fileContext(unit), parsed.node);
}
