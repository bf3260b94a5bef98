/** Inline assembly: what it writes is unknown from there on, and so is memory it got the address of. */
import { Assembly } from "./assembly.ts";
import { writer } from "./assignments.ts";
import type { Expression, Statement } from "../parse/ast.ts";
import type { Activation, Code, Context } from "./context.ts";
import { outside, Pointer } from "./value.ts";

/** Inline assembly: what it writes is unknown from here on, and so is memory it got the address of. */
export function asmStep(cx: Context, node: Statement & { kind: "asm" }, out: Assembly): void {
  const at = cx.fork();
  const { next } = out;
  out.lazy(node.place, [...node.outputs, ...node.inputs], () => {
    const outputs = node.outputs.map((output) => asmOutput(at, output));
    const effects = [...outputs, ...node.inputs.map((input) => asmInput(at, input))];
    return (frame) => {
      frame.place = node.place;
      for (const effect of effects) effect(frame);
      return next;
    };
  });
}

function asmOutput(cx: Context, node: Expression): (frame: Activation) => void {
  const target = cx.rules.target(cx, node);
  const write = writer(target, node);
  const { file, line } = node.place;
  return (frame) => write(frame, outside(`asm at ${file}:${line}`, node.place, "assembly"));
}

function asmInput(cx: Context, node: Expression): (frame: Activation) => void {
  const memory = node.kind === "unary" && node.operator === "*";
  const run: Code = memory ? cx.rules.target(cx, node).ref : cx.rules.value(cx, node).run;
  return (frame) => {
    const value = run(frame);
    if (value instanceof Pointer)
      frame.machine.forget(value.object, "inline assembly", "assembly", node.place);
  };
}
