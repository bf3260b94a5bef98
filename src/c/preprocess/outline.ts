/**
 * What a file is under one configuration: its active text, macro definitions and includes in order. Bodies are
 * not looked into. A guarded header is outlined once, on its own; a file without a guard (a list for X-macros)
 * is read into whoever includes it, each time anew.
 */
import type { Directive, SourceFile } from "../text/scan.ts";
import type { SourceProblem } from "../text/token.ts";

export type Entry = TextEntry | MacroEntry | ModuleEntry;

/** Active text between two directives. */
export interface TextEntry {
  readonly kind: "text";
  readonly source: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** Where a macro is defined; it is not parsed before it is used. */
export interface MacroSource {
  readonly source: SourceFile;
  readonly directive: Directive;
}

/** `#define`, or `#undef` (null). */
export interface MacroEntry {
  readonly kind: "macro";
  readonly name: string;
  readonly macro: MacroSource | null;
}

/** An include of a guarded header. */
export interface ModuleEntry {
  readonly kind: "module";
  readonly outline: Outline;
}

/** A run of an outline's entries, `to` not included. */
export interface Segment {
  readonly outline: Outline;
  readonly from: number;
  readonly to: number;
}

export interface MacroEvent {
  readonly at: number;
  readonly macro: MacroSource | null;
}

export interface Outline {
  readonly path: string;
  readonly entries: readonly Entry[];
  /** Definitions and undefinitions in the entries by name, in order. */
  readonly events: ReadonlyMap<string, readonly MacroEvent[]>;
  /** Everything the compiler reads for this file alone, in order, each header once: segments of it and of headers. */
  readonly segments: readonly Segment[];
  readonly problems: readonly SourceProblem[];
}

/** What the last event of a name before a place says; undefined if it has none. */
export function lastEvent(segment: Segment, name: string, before: number): MacroEvent | undefined {
  const events = segment.outline.events.get(name);
  if (!events) return undefined;
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.at ?? 0) < before) low = middle + 1;
    else high = middle;
  }
  const last = events[low - 1];
  return last && last.at >= segment.from ? last : undefined;
}

/** An outline while it is made. */
export class OutlineBuilder implements Outline {
  readonly path: string;
  readonly entries: Entry[] = [];
  readonly events = new Map<string, MacroEvent[]>();
  readonly segments: Segment[] = [];
  readonly problems: SourceProblem[] = [];
  readonly #seen = new Set<Outline>();
  #open = 0;

  /** `prelude`: headers that are read before the first line. */
  constructor(path: string, prelude: readonly Outline[]) {
    this.path = path;
    for (const outline of prelude) this.#join(outline);
  }

  addText(source: SourceFile, start: number, end: number): void {
    if (end > start) this.entries.push({ kind: "text", source, start, end });
  }

  addMacro(name: string, macro: MacroSource | null): void {
    const event = { at: this.entries.length, macro };
    const events = this.events.get(name);
    if (events) events.push(event);
    else this.events.set(name, [event]);
    this.entries.push({ kind: "macro", name, macro });
  }

  addModule(outline: Outline): void {
    this.entries.push({ kind: "module", outline });
    if (this.#seen.has(outline)) return;
    this.#close();
    this.#join(outline);
  }

  finish(): Outline {
    this.#close();
    return this;
  }

  /** The macro of that name after the last entry: null if undefined there, undefined if nothing is said. */
  lookup(name: string): MacroSource | null | undefined {
    const own = lastEvent({ outline: this, from: this.#open, to: Infinity }, name, Infinity);
    if (own) return own.macro;
    for (let index = this.segments.length - 1; index >= 0; index--) {
      const segment = this.segments[index];
      const event = segment && lastEvent(segment, name, segment.to);
      if (event) return event.macro;
    }
    return undefined;
  }

  #close(): void {
    const to = this.entries.length;
    if (to > this.#open) this.segments.push({ outline: this, from: this.#open, to });
    this.#open = to;
  }

  /** Appends what a header reads, without what was read before. */
  #join(outline: Outline): void {
    const fresh = outline.segments.filter((segment) => !this.#seen.has(segment.outline));
    for (const segment of fresh) this.segments.push(segment);
    for (const segment of fresh) this.#seen.add(segment.outline);
    this.#seen.add(outline);
  }
}
