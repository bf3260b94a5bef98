/** Steps of code under construction: labels, jumps, steps compiled when they are first reached. */
import type { Expression, Place } from "../parse/ast.ts";
import type { Op } from "./context.ts";
import { weightOf } from "./weight.ts";

/** A step's number, known once it is placed. */
export interface Label {
  at: number;
}

export interface Loop {
  readonly end: Label;
  /** null in a switch. */
  readonly next: Label | null;
}

export interface SwitchCase {
  readonly first: Expression;
  readonly last: Expression | null;
  readonly label: Label;
}

export interface Switch {
  readonly cases: SwitchCase[];
  fallback: Label | null;
}

function weighed(op: Op, weight: number): Op {
  if (weight === 0) return op;
  return (frame) => {
    frame.machine.spend(weight);
    return op(frame);
  };
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

  /** Adds a step that runs these expressions and is compiled when it is first run; it notes its own place. */
  lazy(place: Place, runs: readonly (Expression | null)[], make: () => Op): void {
    const at = this.ops.length;
    this.ops.push((frame) => {
      frame.place = place;
      const op = weighed(make(), weightOf(runs));
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
