/** A trace as text of at most 80 columns: the way to one bit of the permission map, the rest folded. */
import { basename } from "node:path";
import type { Trace, TraceNode } from "../interception/trace.ts";
import { INSTRUCTION } from "../model/phrase.ts";
import { msrLabel } from "../x2apic.ts";
import type { Access, SourceLine } from "../x2apic.ts";
import { cleanCode } from "./clean.ts";

const COLUMNS = 80;
const PLACE = 15;
/** Deeper calls are not indented further. */
const DEEPEST = 12;
/** Longest trace that is printed. */
const MOST_LINES = 400;

/** The bit that is asked about. */
interface Asked {
  readonly msr: number;
  readonly access: Access;
}

type Call = TraceNode & { kind: "call" };

class Printer {
  readonly lines: string[] = [];
  readonly #asked: Asked;
  /** Nothing writes the bit: all is shown that is not deep. */
  readonly #unwritten: boolean;

  constructor(nodes: readonly TraceNode[], asked: Asked) {
    this.#asked = asked;
    this.#unwritten = !nodes.some((node) => this.#leadsThere(node));
  }

  /** Prints siblings; of those that lead nowhere and come again, the first alone. */
  print(nodes: readonly TraceNode[], depth: number): void {
    const seen = new Set<string>();
    let folded = 0;
    for (const node of nodes) {
      const leads = this.#leadsThere(node);
      if (!leads && seen.has(keyOf(node))) {
        folded++;
        continue;
      }
      seen.add(keyOf(node));
      this.#tellFolded(folded, depth);
      folded = 0;
      this.#node(node, depth, leads);
    }
    this.#tellFolded(folded, depth);
  }

  #node(node: TraceNode, depth: number, leads: boolean): void {
    switch (node.kind) {
      case "call":
        this.#call(node, depth, leads);
        return;
      case "branch":
        this.#line(node.at, depth, node.at.text, ` -> ${node.taken}`);
        return;
      case "condition":
        this.#line(node.at, depth, `${node.text} is not known`, `; by default ${node.value}`);
        return;
      case "write":
        if (leads) this.#line(node.at, depth, node.at.text, ` ## ${this.#state(node)}`);
    }
  }

  #call({ call, value, within }: Call, depth: number, leads: boolean): void {
    const what = { code: "", assumed: " (assumed)", unknown: " (no code in this tree)" }[call.kind];
    const result = value === null || call.kind === "unknown" ? "" : ` = ${value}`;
    this.#line(call.place, depth, `${call.name}(${call.args.join(", ")})`, `${result}${what}`);
    if (leads || (this.#unwritten && depth < 1)) this.print(within, depth + 1);
  }

  #state({ bits }: TraceNode & { kind: "write" }): string {
    const { msr, access } = this.#asked;
    const bit = bits.find((one) => one.msr === msr && one.access === access);
    if (bit === undefined || bit.intercepted === null) return "not known";
    return bit.intercepted ? "intercepted" : "passed through";
  }

  #leadsThere(node: TraceNode): boolean {
    const { msr, access } = this.#asked;
    if (node.kind === "call") return node.within.some((inner) => this.#leadsThere(inner));
    return node.kind === "write" && node.bits.some((bit) => bit.msr === msr && bit.access === access);
  }

  #tellFolded(count: number, depth: number): void {
    if (count > 0) this.#line(null, depth, `(${count} more like these)`, "");
  }

  #line(at: SourceLine | null, depth: number, text: string, outcome: string): void {
    const place = at === null || at.line === 0 ? "" : `${basename(at.file)}:${at.line}`;
    const start = `${place.padEnd(PLACE)} ${"  ".repeat(Math.min(depth, DEEPEST))}`;
    const end = cut(cleanCode(outcome), 40);
    this.lines.push(`${start}${cut(cleanCode(text), COLUMNS - start.length - end.length)}${end}`.trimEnd());
  }
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 3))}...`;
}

function keyOf(node: TraceNode): string {
  if (node.kind === "call") return `${node.call.name} ${node.call.place.file}:${node.call.place.line}`;
  const place = `${node.kind} ${node.at.file}:${node.at.line}`;
  return node.kind === "branch" ? `${place} ${node.taken}` : place;
}

function limits({ steps, depth, bytes }: Trace): string {
  return `used ${steps.used} of ${steps.limit} steps, ${depth.used} of ${depth.limit} calls deep, ${bytes.used} of ${bytes.limit} bytes`;
}

/** How the evaluation came to one bit: calls, branches and the writes of that bit, in their order. */
export function renderTrace(title: string, trace: Trace, asked: Asked): string {
  const printer = new Printer(trace.nodes, asked);
  printer.print(trace.nodes, 0);
  const shown = printer.lines.slice(0, MOST_LINES);
  const more = printer.lines.length - shown.length + trace.left;
  const { stopped } = trace;
  return [
    `${title}: how the evaluation came to the ${INSTRUCTION[asked.access]} bit of ${msrLabel(asked.msr)}`,
    ...shown,
    ...(more > 0 ? [`(${more} more)`] : []),
    ...(stopped === null
      ? []
      : [`stopped at ${stopped.place.file}:${stopped.place.line}: ${stopped.reason}`]),
    limits(trace),
    "",
  ].join("\n");
}
