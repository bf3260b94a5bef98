/** A machine that tells what it does, call by call and branch by branch; the others pay nothing for it. */
import type { Place } from "../parse/ast.ts";
import type { Program } from "../program.ts";
import type { Callable, CallValues, CompiledFunction } from "./context.ts";
import { Machine, type MachineOptions } from "./machine.ts";
import { Unknown, type Value } from "./value.ts";

/** A call as it is entered; arguments and values in C's words, `?` in front of what is not known. */
export interface TracedCall {
  readonly name: string;
  readonly args: readonly string[];
  /** Where it is called. */
  readonly place: Place;
  /** `code` is run; of the others the value alone is assumed, or nothing is known. */
  readonly kind: "code" | "assumed" | "unknown";
}

/** What a traced machine tells, in the order in which it happens. */
export interface Tracer {
  entered(call: TracedCall): void;
  /** The call entered last ends; null: nothing is returned, or the evaluation stops. */
  left(value: string | null): void;
  /** `taken`: `true` or `false` of a condition, the case of a switch. */
  branched(place: Place, taken: string): void;
}

export class TracedMachine extends Machine {
  readonly tracer: Tracer;
  /** Most calls within calls so far. */
  deepest = 0;
  /** Bytes of all objects made so far. */
  allocated = 0;
  private level = 0;

  /** The program must be this machine's own: its branches are compiled so that they tell. */
  constructor(program: Program, options: MachineOptions, tracer: Tracer) {
    super(program, options);
    this.tracer = tracer;
    this.space.onBranch = (place, taken) => tracer.branched(place, taken);
  }

  override runCode(callable: CompiledFunction, args: readonly Value[], place: Place): Value {
    const returns = callable.returns.kind !== "void";
    return this.told({ name: callable.name, args: this.texts(args), place, kind: "code" }, returns, () =>
      super.runCode(callable, args, place),
    );
  }

  override invokeNamed(callable: Callable, name: string, call: CallValues): Value {
    const assumed = this.overrides.has(name);
    if (!assumed && callable.kind !== "unknown") return super.invokeNamed(callable, name, call);
    const { args, place } = call;
    const kind = assumed ? "assumed" : "unknown";
    return this.told({ name, args: this.texts(args), place, kind }, true, () =>
      super.invokeNamed(callable, name, call),
    );
  }

  override charge(bytes: number, place: Place): void {
    super.charge(bytes, place);
    this.allocated += bytes;
  }

  private told(call: TracedCall, returns: boolean, run: () => Value): Value {
    this.tracer.entered(call);
    this.deepest = Math.max(this.deepest, ++this.level);
    let text: string | null = null;
    try {
      const value = run();
      if (returns) text = this.shown(value);
      return value;
    } finally {
      this.level--;
      this.tracer.left(text);
    }
  }

  private texts(values: readonly Value[]): string[] {
    return values.map((value) => this.shown(value));
  }

  private shown(value: Value): string {
    if (typeof value === "number" || typeof value === "bigint")
      return value >= 0x100 ? `0x${value.toString(16)}` : value.toString();
    return value instanceof Unknown ? `?${value.text}` : this.textOf(value);
  }
}
