/** What the evaluation did on its way to the set of an active x2AVIC: for people who want to follow it. */
import type { Condition, Program, Stop, TracedCall, TracedMachine } from "../c/index.ts";
import type { KernelTree } from "../kernel/tree.ts";
import type { SourceLine } from "../x2apic.ts";
import type { Sequence } from "./assumptions.ts";
import { defaultAnswer } from "./defaults.ts";
import type { Entries } from "./entries.ts";
import { programOf } from "./evaluate.ts";
import { candidates } from "./evaluate-sets.ts";
import { startsIntercepted } from "./initial-state.ts";
import { VENDOR_DIRS } from "./kernel-config.ts";
import { bitMeaning } from "./permission-map.ts";
import type { MapBit } from "./permission-map.ts";
import type { MapWrite } from "./provenance.ts";
import { runSequence } from "./scenarios.ts";
import type { MapTracer, Record } from "./scenarios.ts";

/** A bit of the permission map that a write changes; `intercepted` null: to something that is not known. */
export interface ChangedBit extends MapBit {
  readonly intercepted: boolean | null;
}

interface TracedLine extends SourceLine {
  /** The line of source. */
  readonly text: string;
}

/** What happened, in order. Calls hold what happened within them. */
export type TraceNode =
  | {
      readonly kind: "call";
      readonly call: TracedCall;
      /** null: nothing is returned, or it never came back. */
      value: string | null;
      readonly within: TraceNode[];
    }
  | { readonly kind: "branch"; readonly at: TracedLine; readonly taken: string }
  /** A condition that the tree does not settle, and the way that was taken. */
  | { readonly kind: "condition"; readonly at: TracedLine; readonly text: string; readonly value: boolean }
  | { readonly kind: "write"; readonly at: TracedLine; readonly bits: readonly ChangedBit[] };

/** How much of a limit was used. */
export interface Used {
  readonly used: number;
  readonly limit: number;
}

export interface Trace {
  readonly nodes: readonly TraceNode[];
  readonly steps: Used;
  readonly depth: Used;
  readonly bytes: Used;
  readonly stopped: Stop | null;
  /** What was left out once the trace had its size. */
  readonly left: number;
}

/** Most events that are kept. */
const MOST_NODES = 20_000;

class Recorder implements MapTracer {
  readonly nodes: TraceNode[] = [];
  machine: TracedMachine | null = null;
  count = 0;
  readonly #tree: KernelTree;
  readonly #program: Program;
  readonly #lines = new Map<string, readonly string[]>();
  readonly #calls: (TraceNode & { kind: "call" })[] = [];

  constructor(tree: KernelTree, program: Program) {
    this.#tree = tree;
    this.#program = program;
  }

  began(machine: TracedMachine): void {
    this.machine = machine;
  }

  entered(call: TracedCall): void {
    const node = { kind: "call" as const, call, value: null, within: [] };
    this.#add(node);
    this.#calls.push(node);
  }

  left(value: string | null): void {
    const node = this.#calls.pop();
    if (node !== undefined) node.value = value;
  }

  branched(place: SourceLine, taken: string): void {
    // what is evaluated beside the run belongs to no call
    if (this.#calls.length > 0) this.#add({ kind: "branch", at: this.#line(place), taken });
  }

  wrote({ before, after, offset, stack }: MapWrite): void {
    const bits = after.flatMap((now, at) => changedBits((offset + at) * 8, before[at] ?? null, now));
    this.#add({ kind: "write", at: this.#line(stack[0] ?? { file: "", line: 0 }), bits });
  }

  /** Answers as the default way goes. */
  decide(condition: Condition): boolean {
    const value = defaultAnswer(this.#program, condition);
    this.#add({ kind: "condition", at: this.#line(condition.place), text: condition.text, value });
    return value;
  }

  #add(node: TraceNode): void {
    if (++this.count <= MOST_NODES) (this.#calls.at(-1)?.within ?? this.nodes).push(node);
  }

  #line({ file, line }: SourceLine): TracedLine {
    const known = this.#lines.get(file) ?? this.#tree.read(file)?.split("\n") ?? [];
    this.#lines.set(file, known);
    return { file, line, text: (known[line - 1] ?? "").trim() };
  }
}

function changedBits(first: number, before: number | null, after: number | null): ChangedBit[] {
  if (before === after) return [];
  const changed = before === null || after === null ? 0xff : before ^ after;
  return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bit) => {
    const meaning = (changed >> bit) & 1 ? bitMeaning(first + bit) : null;
    if (meaning === null) return [];
    return [{ ...meaning, intercepted: after === null ? null : ((after >> bit) & 1) === 1 }];
  });
}

/** Activation with x2AVIC up to where the set is read. */
const ACTIVATION: Sequence = {
  situation: { x2avic: true, x2apicMode: true },
  steps: [{ do: "activate" }, { do: "read", scenario: "active" }],
};

function traceEntries(tree: KernelTree, entries: Entries): { trace: Trace; touched: boolean } {
  const program = programOf(tree, VENDOR_DIRS);
  const intercepted = startsIntercepted(programOf(tree, VENDOR_DIRS));
  const recorder = new Recorder(tree, program);
  const record: Record = { readings: [], strangers: [] };
  const decide = (condition: Condition) => recorder.decide(condition);
  const input = { program, entries, startsIntercepted: intercepted, decide, tracer: recorder };
  const stopped = runSequence(input, ACTIVATION, record);
  const { machine } = recorder;
  if (machine === null) throw new TypeError("the sequence runs on a machine");
  const trace: Trace = {
    nodes: recorder.nodes,
    steps: { used: machine.steps, limit: machine.limits.steps },
    depth: { used: machine.deepest, limit: machine.limits.depth },
    bytes: { used: machine.allocated, limit: machine.limits.memory },
    stopped,
    left: Math.max(0, recorder.count - MOST_NODES),
  };
  return { trace, touched: record.readings.some((reading) => reading.touched) };
}

/** Activates x2AVIC once more on the default way and tells what happens; null: there is no entry point. */
export function traceActivation(tree: KernelTree): Trace | null {
  let first: Trace | null = null;
  for (const entries of candidates(programOf(tree, VENDOR_DIRS), tree)) {
    const { trace, touched } = traceEntries(tree, entries);
    if (touched) return trace;
    first ??= trace;
  }
  return first;
}
