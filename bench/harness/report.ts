/** What a benchmark found: figures, goals met or missed, and what could not be run. It says each as it comes. */
import { least, median, most, shown } from "./stats.ts";

/** One run of something. */
export interface Sample {
  /** Seconds. */
  readonly wall: number;
  /** Seconds of processor time, its children's included; null: unknown. */
  readonly cpu: number | null;
  /** Peak resident memory in MB; null: unknown. */
  readonly memory: number | null;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** One a round. */
  readonly values: readonly number[];
  readonly cpu: readonly number[];
  readonly memory: readonly number[];
}

export interface Goal {
  readonly name: string;
  readonly unit: string;
  /** One a round; their median is what counts. */
  readonly values: readonly number[];
  readonly bound: number;
  readonly kind: "at least" | "at most";
  readonly met: boolean;
}

export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

export interface Report {
  readonly name: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
  readonly skipped: readonly string[];
  readonly notes: readonly string[];
  readonly plots: readonly Plot[];
  /** Why it ended before its end; null: it did not. */
  readonly failure: string | null;
  /** Costs that others reckon with, by name. */
  readonly facts: Readonly<Record<string, number>>;
}

export type GoalWanted = Pick<Goal, "name" | "values" | "bound" | "kind"> & { readonly unit?: string };

export class Reporter implements Report {
  readonly name: string;
  readonly title: string;
  readonly figures: Figure[] = [];
  readonly goals: Goal[] = [];
  readonly skipped: string[] = [];
  readonly notes: string[] = [];
  readonly plots: Plot[] = [];
  readonly facts: Record<string, number> = {};
  failure: string | null = null;

  readonly #tell: (line: string) => void;

  constructor(name: string, title: string, tell: (line: string) => void = console.log) {
    this.name = name;
    this.title = title;
    this.#tell = tell;
  }

  /** Seconds, processor time and memory of something that ran several times. */
  samples(name: string, samples: readonly Sample[]): void {
    const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
    this.#add({
      name,
      unit: "s",
      values: samples.map(({ wall }) => wall),
      cpu: known(samples.map(({ cpu }) => cpu)),
      memory: known(samples.map(({ memory }) => memory)),
    });
  }

  /** Any other number. */
  figure(name: string, unit: string, values: readonly number[]): void {
    this.#add({ name, unit, values, cpu: [], memory: [] });
  }

  /** A bound on the median of these values; NaN misses every goal. */
  goal({ name, values, bound, kind, unit = "x" }: GoalWanted): void {
    const value = median(values);
    const met = kind === "at least" ? value >= bound : value <= bound;
    this.goals.push({ name, unit, values, bound, kind, met });
    const word = met ? "met" : "MISSED";
    this.#say(`${name}: ${shown(value)} ${unit}, goal ${kind} ${bound} ${unit}: ${word}`);
  }

  /** Something that was not measured, and how it could be. */
  skip(what: string): void {
    this.skipped.push(what);
    this.#say(`skipped: ${what}`);
  }

  fail(error: unknown): void {
    this.failure = error instanceof Error ? error.message : String(error);
    this.#say(`FAILED: ${error instanceof Error ? error.stack : String(error)}`);
  }

  /** A sentence that belongs to the figures. */
  note(text: string): void {
    this.notes.push(text);
    this.#say(text);
  }

  plot(plot: Plot): void {
    this.plots.push(plot);
  }

  fact(name: string, value: number): void {
    this.facts[name] = value;
  }

  #add(figure: Figure): void {
    this.figures.push(figure);
    this.#say(describeFigure(figure));
  }

  #say(text: string): void {
    this.#tell(`${this.name}: ${text}`);
  }
}

function describeFigure({ name, unit, values, cpu, memory }: Figure): string {
  const spread = values.length > 1 ? ` (${shown(least(values))} to ${shown(most(values))})` : "";
  const more = [
    ...(cpu.length > 0 ? [`${shown(median(cpu))} s of processor`] : []),
    ...(memory.length > 0 ? [`${shown(most(memory))} MB`] : []),
  ];
  return `${name}: ${[`${shown(median(values))} ${unit}${spread}`, ...more].join(", ")}`;
}
