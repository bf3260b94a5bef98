/**
 * Statements compiled to a flat list of steps, each giving the index of the next: goto, switch and
 * Duff's device are plain jumps. A step is compiled when it is first reached, so that code never run
 * costs nothing and may use what the tree does not define.
 */
import { store } from "./access.ts";
import type { Block, Declaration, Expression, Place, Statement } from "./ast.ts";
import type { Activation, Code, Context, Entry, Op } from "./context.ts";
import { initialise } from "./initializers.ts";
import { UNINITIALISED, ZERO } from "./memory.ts";
import { binaryOperand, converted, promoted } from "./operators.ts";
import { enumValues } from "./resolve.ts";
import { objectPlan } from "./space.ts";
import { type CType, decay, isScalar } from "./types.ts";
import { outside, Pointer, poison, StopSignal, type Value } from "./value.ts";
import { constantOperand, writer } from "./values.ts";

/** A step's number, known once it is placed. */
interface Label {
  at: number;
}

interface Loop {
  readonly end: Label;
  /** null in a switch. */
  readonly next: Label | null;
}

interface SwitchCase {
  readonly first: Expression;
  readonly last: Expression | null;
  readonly label: Label;
}

interface Switch {
  readonly cases: SwitchCase[];
  fallback: Label | null;
}

/** Steps under construction. */
export class Assembly {
  readonly ops: Op[] = [];
  readonly labels = new Map<string, Label>();
  readonly loops: Loop[] = [];
  readonly switches: Switch[] = [];
  /** In a statement expression, `return` and jumps out of it are not steps of its own list. */
  readonly inExpression: boolean;

  constructor(inExpression: boolean) {
    this.inExpression = inExpression;
  }

  /** Adds a step that is compiled when it is first run; it notes its own place. */
  lazy(place: Place, make: () => Op): void {
    const at = this.ops.length;
    this.ops.push((frame) => {
      frame.place = place;
      const op = make();
      this.ops[at] = op;
      return op(frame);
    });
  }

  push(op: Op): void {
    this.ops.push(op);
  }

  mark(label: Label): void {
    label.at = this.ops.length;
  }

  jump(label: Label): void {
    this.ops.push(() => label.at);
  }

  get next(): number {
    return this.ops.length + 1;
  }

  label(name: string): Label {
    let found = this.labels.get(name);
    if (found === undefined) this.labels.set(name, (found = { at: -1 }));
    return found;
  }
}

/** Thrown where a statement expression is left by `return`, `goto`, `break` or `continue`. */
export class Leap {
  readonly to: number;

  constructor(to: number) {
    this.to = to;
  }
}

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

function expressionStep(cx: Context, node: Expression, out: Assembly): void {
  const at = cx.fork();
  const { next } = out;
  out.lazy(node.place, () => {
    const { run } = at.rules.value(at, node);
    return (frame) => {
      frame.place = node.place;
      run(frame);
      return next;
    };
  });
}

/** Goes on at `label` where the condition does not hold (or, `when`, where it does). */
function branchStep(cx: Context, node: Expression, label: Label, when: boolean, out: Assembly): void {
  const at = cx.fork();
  const { next } = out;
  out.lazy(node.place, () => {
    const { run, type } = at.rules.value(at, node);
    return (frame) => {
      frame.place = node.place;
      const value = run(frame);
      const holds =
        typeof value === "number"
          ? value !== 0
          : frame.machine.truth(frame.machine.settle(value, type), node.place);
      return holds === when ? label.at : next;
    };
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
  if (node.kind === "for" && node.step !== null) expressionStep(cx, node.step, out);
  if (node.kind === "do") branchStep(cx, node.condition, top, true, out);
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
  out.lazy(node.place, () => switchOp(at, node, found, end));
  out.switches.push(found);
  out.loops.push({ end, next: null });
  compileScoped(cx, node.body, out);
  out.loops.pop();
  out.switches.pop();
  out.mark(end);
}

/** A known value is looked up; an unknown one is compared with case after case. */
function switchOp(cx: Context, node: Statement & { kind: "switch" }, found: Switch, end: Label): Op {
  const control = cx.rules.value(cx, node.value);
  const type = promoted(control) ?? control.type;
  const run = converted(control, type, node.place);
  const ranges = found.cases.map((each) => caseRange(cx, each, type));
  const table = new Map<bigint, Label>();
  for (const { first, last, label } of ranges) if (first === last) table.set(first, label);
  return (frame) => {
    frame.place = node.place;
    const value = frame.machine.settle(run(frame), type);
    if (typeof value !== "number" && typeof value !== "bigint") return unknownSwitch(frame, value);
    const wide = BigInt(value);
    const label = table.get(wide) ?? ranges.find(({ first, last }) => wide >= first && wide <= last)?.label;
    return (label ?? found.fallback ?? end).at;
  };

  function unknownSwitch(frame: Activation, value: Value): number {
    for (const { first, last, label } of ranges) {
      if (holds(frame, value, first, last)) return label.at;
    }
    return (found.fallback ?? end).at;
  }

  function holds(frame: Activation, value: Value, first: bigint, last: bigint): boolean {
    const held = { type, run: () => value };
    const test = (operator: "==" | ">=" | "<=", bound: bigint): boolean => {
      const against = constantOperand(type, type.kind === "int" && type.size <= 4 ? Number(bound) : bound);
      return frame.machine.truth(binaryOperand(operator, held, against, node.place).run(frame), node.place);
    };
    return first === last ? test("==", first) : test(">=", first) && test("<=", last);
  }
}

function caseRange(
  cx: Context,
  each: SwitchCase,
  type: CType,
): { first: bigint; last: bigint; label: Label } {
  const value = (node: Expression): bigint => {
    const operand = cx.rules.value(cx, node);
    const constant = converted(operand, type.kind === "int" ? type : operand.type, node.place);
    if (operand.constant === undefined) {
      throw new StopSignal("unknown-symbol", "a case label whose value is not known", node.place);
    }
    return BigInt(constant(null as unknown as Activation) as number | bigint);
  };
  const first = value(each.first);
  return { first, last: each.last === null ? first : value(each.last), label: each.label };
}

function compileReturn(cx: Context, node: Statement & { kind: "return" }, out: Assembly): void {
  const at = cx.fork();
  const leave: Op = out.inExpression ? () => leap(-1) : () => -1;
  if (node.value === null) {
    out.push(leave);
    return;
  }
  const { value } = node;
  out.lazy(node.place, () => {
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

function compileDeclaration(cx: Context, node: Declaration, out: Assembly): void {
  const before = cx.fork();
  declareTagsOf(cx, node);
  if (node.storage === "typedef") {
    let type: CType | null = null;
    cx.declare(node.name, { kind: "typedef", type: () => (type ??= before.rules.type(before, node.type)) });
    return;
  }
  if (node.storage === "extern" || node.type.kind === "function") return;
  if (node.storage === "static") {
    const own = cx.fork();
    const plan = objectPlan(own, node, true);
    cx.declare(node.name, { kind: "object", plan });
    return;
  }
  compileLocal(cx, node, out);
}

function compileLocal(cx: Context, node: Declaration, out: Assembly): void {
  const entry = localEntry(cx, node);
  cx.declare(node.name, entry);
  const at = cx.fork();
  const { next } = out;
  out.lazy(node.place, () => {
    const begin = beginLocal(at, node, entry);
    return (frame) => {
      frame.place = node.place;
      begin(frame);
      return next;
    };
  });
}

function localEntry(cx: Context, node: Declaration): Entry & { kind: "local" } {
  const at = cx.fork();
  let type: CType | null = null;
  const slot = cx.newSlot();
  const typeOf = (): CType => (type ??= localType(at, node));
  const inMemory = (): boolean =>
    cx.plan.addressed.has(node.name) || !isScalar(typeOf()) || typeOf().kind === "dynamic";
  return { kind: "local", name: node.name, slot, type: typeOf, inMemory };
}

function localType(cx: Context, node: Declaration): CType {
  if (node.type.kind === "auto" && node.initializer !== null && node.initializer.kind !== "list") {
    return decay(cx.rules.value(cx, node.initializer).type);
  }
  const type = cx.rules.type(cx, node.type);
  return cx.rules.completeArray(cx, type, node.initializer);
}

/** What a declaration does each time it is reached. */
function beginLocal(
  cx: Context,
  node: Declaration,
  entry: Entry & { kind: "local" },
): (frame: Activation) => void {
  const type = entry.type();
  const { slot, name } = entry;
  const { initializer, place } = node;
  if (!entry.inMemory()) {
    const value = initializer === null ? null : scalarInitializer(cx, type, initializer);
    const unset = poison("uninitialised", `${name} is used uninitialised`, place);
    return (frame) => {
      frame.slots[slot] = value === null ? unset : value(frame);
    };
  }
  const fill = initializer === null ? null : initialise(cx, type, initializer);
  const background = initializer?.kind === "list" || type.kind === "array" ? ZERO : UNINITIALISED;
  return (frame) => {
    release(frame, frame.slots[slot]);
    const object = frame.machine.allocateLocal(frame, name, type, fill === null ? UNINITIALISED : background);
    frame.slots[slot] = object;
    fill?.(frame, object);
  };
}

/** The object of the loop's last round does not count any more. */
function release(frame: Activation, value: Value | undefined): void {
  if (value instanceof Pointer && value.object.kind === "bytes") frame.machine.release(frame, value.object);
}

function scalarInitializer(cx: Context, type: CType, initializer: Declaration["initializer"]): Code {
  let value = initializer;
  while (value?.kind === "list") value = value.items[0]?.value ?? null;
  if (value === null) return () => (type.kind === "int" && type.size <= 4 ? 0 : 0n);
  return converted(cx.rules.value(cx, value), type, value.place);
}

/** Tags and enumerators that a declaration brings along. */
function declareTagsOf(cx: Context, node: Declaration): void {
  declareTags(cx, { kind: "tag", type: node.type, place: node.place });
}

export function declareTags(cx: Context, node: Statement & { kind: "tag" }): void {
  const { type } = node;
  if (type.kind === "enum" && type.items !== null) {
    const { type: own, values } = enumValues(cx, type);
    for (const [name, value] of values) cx.declare(name, { kind: "enumerator", ...value });
    if (type.tag !== null) cx.declare(`enum ${type.tag}`, { kind: "tag", type: own });
  } else if (type.kind === "record" && type.fields !== null && type.tag !== null) {
    const own = cx.rules.type(cx, type);
    cx.declare(`${type.union ? "union" : "struct"} ${type.tag}`, { kind: "tag", type: own });
  } else if (type.kind === "pointer") {
    declareTags(cx, { ...node, type: type.to });
  } else if (type.kind === "array") {
    declareTags(cx, { ...node, type: type.of });
  }
}

/** Inline assembly: what it writes is unknown from here on, and so is memory it got the address of. */
function asmStep(cx: Context, node: Statement & { kind: "asm" }, out: Assembly): void {
  const at = cx.fork();
  const { next } = out;
  out.lazy(node.place, () => {
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
