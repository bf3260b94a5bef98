/**
 * Statements compiled to a flat list of steps, each giving the index of the next: goto, switch and
 * Duff's device are plain jumps. A step is compiled when it is first reached, so that code never run
 * costs nothing and may use what the tree does not define.
 */
import { store } from "./access.ts";
import { Assembly, type Label, Leap, type Switch } from "./assembly.ts";
import type { Block, Expression, Place, Statement } from "../parse/ast.ts";
import type { Code, Context, Op } from "./context.ts";
import { compileDeclaration, declareTags } from "./declarations.ts";
import { asmStep } from "./inline-assembly.ts";
import { UNINITIALISED } from "./memory.ts";
import { converted } from "./operands.ts";
import { switchOp } from "./switches.ts";
import { Pointer, StopSignal } from "./value.ts";
export function compileBlock(cx: Context, block: Block, out: Assembly): void {
  const { scope } = cx;
  for (const item of block.items) compileStatement(cx, item, out);
  cx.scope = scope;
}

export function compileStatement(cx: Context, node: Statement, out: Assembly): void {
  switch (node.kind) {
    case "block":
      compileBlock(cx, node, out);
      return;
    case "expression":
      expressionStep(cx, node.value, out);
      return;
    case "declaration":
      compileDeclaration(cx, node, out);
      return;
    case "if":
      compileIf(cx, node, out);
      return;
    case "while":
    case "do":
    case "for":
      compileLoop(cx, node, out);
      return;
    case "switch":
      compileSwitch(cx, node, out);
      return;
    case "return":
      compileReturn(cx, node, out);
      return;
    default:
      compileJump(cx, node, out);
  }
}

function compileJump(cx: Context, node: Statement, out: Assembly): void {
  switch (node.kind) {
    case "goto":
      gotoStep(node.label, node.place, out);
      return;
    case "label":
      out.mark(out.label(node.name));
      return;
    case "case":
    case "default":
      compileCase(node, out);
      return;
    case "break":
      loopStep(out.loops[out.loops.length - 1]?.end, node.place, out);
      return;
    case "continue":
      loopStep(out.loops.findLast((loop) => loop.next !== null)?.next ?? undefined, node.place, out);
      return;
    case "asm":
      asmStep(cx, node, out);
      return;
    case "tag":
      declareTags(cx, node);
      return;
    case "static-assert":
      return; // what it says holds at compile time or the kernel would not build
    case "unparsed":
      stopStep(node.reason, node.place, out);
      return;
    default:
      stopStep(`a ${node.kind} statement`, node.place, out);
  }
}

function stopStep(reason: string, place: Place, out: Assembly): void {
  out.push(() => {
    throw new StopSignal("syntax", reason, place);
  });
}

function expressionStep(cx: Context, node: Expression, out: Assembly, to: Label = { at: out.next }): void {
  const at = cx.fork();
  out.lazy(node.place, [node], () => {
    const { run } = at.rules.value(at, node);
    return (frame) => {
      frame.place = node.place;
      run(frame);
      return to.at;
    };
  });
}

function told(step: Op, tell: (to: number) => void): Op {
  return (frame) => {
    const to = step(frame);
    tell(to);
    return to;
  };
}

/** Goes on at `label` where the condition does not hold (or, `when`, where it does). */
function branchStep(cx: Context, node: Expression, label: Label, when: boolean, out: Assembly): void {
  const at = cx.fork();
  const { next } = out;
  out.lazy(node.place, [node], () => {
    const { run, type } = at.rules.value(at, node);
    const step: Op = (frame) => {
      frame.place = node.place;
      const value = run(frame);
      const holds =
        typeof value === "number"
          ? value !== 0
          : frame.machine.truth(frame.machine.settle(value, type), node.place);
      return holds === when ? label.at : next;
    };
    const { onBranch } = at.space;
    return onBranch === null
      ? step
      : told(step, (to) => label.at !== next && onBranch(node.place, `${(to === label.at) === when}`));
  });
}

function compileIf(cx: Context, first: Statement & { kind: "if" }, out: Assembly): void {
  const end: Label = { at: -1 };
  let node: Statement | null = first;
  while (node?.kind === "if") {
    const otherwise: Label = { at: -1 };
    branchStep(cx, node.condition, otherwise, false, out);
    compileScoped(cx, node.whenTrue, out);
    if (node.whenFalse !== null) out.jump(end);
    out.mark(otherwise);
    node = node.whenFalse;
  }
  if (node !== null) compileScoped(cx, node, out);
  out.mark(end);
}

/** A body without braces is a scope all the same. */
function compileScoped(cx: Context, node: Statement, out: Assembly): void {
  const { scope } = cx;
  compileStatement(cx, node, out);
  cx.scope = scope;
}

function compileLoop(cx: Context, node: Statement & { kind: "while" | "do" | "for" }, out: Assembly): void {
  const { scope } = cx;
  const loop = { end: { at: -1 }, next: { at: -1 } };
  const top: Label = { at: -1 };
  if (node.kind === "for") for (const init of node.init) compileStatement(cx, init, out);
  if (node.kind !== "do") out.mark(node.kind === "while" ? loop.next : top);
  if (node.kind !== "do" && node.condition !== null) branchStep(cx, node.condition, loop.end, false, out);
  if (node.kind === "do") out.mark(top);
  out.loops.push(loop);
  compileScoped(cx, node.body, out);
  out.loops.pop();
  if (node.kind !== "while") out.mark(loop.next);
  if (node.kind === "for" && node.step !== null) expressionStep(cx, node.step, out, top);
  else if (node.kind === "do") branchStep(cx, node.condition, top, true, out);
  else out.jump(node.kind === "while" ? loop.next : top);
  out.mark(loop.end);
  cx.scope = scope;
}

function loopStep(label: Label | undefined, place: Place, out: Assembly): void {
  if (label === undefined) stopStep("'break' or 'continue' outside a loop", place, out);
  else out.jump(label);
}

function gotoStep(name: string, place: Place, out: Assembly): void {
  const label = out.label(name);
  out.push(() => {
    if (label.at < 0) throw new StopSignal("unsupported", `goto ${name}: no such label here`, place);
    return label.at;
  });
}

function compileCase(node: Statement & { kind: "case" | "default" }, out: Assembly): void {
  const label: Label = { at: out.ops.length };
  const inner = out.switches[out.switches.length - 1];
  if (node.kind === "default") {
    if (inner !== undefined) inner.fallback = label;
  } else {
    inner?.cases.push({ first: node.first, last: node.last, label });
  }
}

function compileSwitch(cx: Context, node: Statement & { kind: "switch" }, out: Assembly): void {
  const at = cx.fork();
  const found: Switch = { cases: [], fallback: null };
  const end: Label = { at: -1 };
  out.lazy(node.place, [node.value], () => {
    const step = switchOp(at, node, found, end);
    const { onBranch } = at.space;
    if (onBranch === null) return step;
    const isFallback = (to: number) => to === (found.fallback ?? end).at;
    return told(step, (to) => onBranch(node.place, isFallback(to) ? "no case of its own" : "a case"));
  });
  out.switches.push(found);
  out.loops.push({ end, next: null });
  compileScoped(cx, node.body, out);
  out.loops.pop();
  out.switches.pop();
  out.mark(end);
}

function compileReturn(cx: Context, node: Statement & { kind: "return" }, out: Assembly): void {
  const at = cx.fork();
  const leave: Op = out.inExpression ? () => leap(-1) : () => -1;
  if (node.value === null) {
    out.push(leave);
    return;
  }
  const { value } = node;
  out.lazy(node.place, [value], () => {
    const run = returnedCode(at, value);
    return (frame) => {
      frame.place = node.place;
      frame.returned = run(frame);
      return leave(frame);
    };
  });
}

function leap(to: number): never {
  // Not an Error: nobody needs the stack of a jump.
  throw new Leap(to) as unknown as Error;
}

/** A struct is copied out before the locals die. */
function returnedCode(cx: Context, node: Expression): Code {
  const type = cx.plan.returns;
  const operand = cx.rules.value(cx, node);
  if (type.kind === "void") return operand.run;
  if (type.kind !== "record") return converted(operand, type, node.place);
  return (frame) => {
    const from = operand.run(frame);
    const copy = new Pointer(frame.machine.allocate("a returned struct", type, UNINITIALISED, node.place));
    store(frame.machine, copy, type, from, node.place);
    return copy;
  };
}
