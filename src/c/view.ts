/** A unit as its compiler sees it: what a macro's name means at a place, and the tokens of a declaration there. */
import { Expander } from "./expand.ts";
import type { NativeMacro, Reader } from "./expand.ts";
import type { Item } from "./items.ts";
import type { Macro } from "./macro.ts";
import { lastEvent } from "./outline.ts";
import type { MacroSource, Outline } from "./outline.ts";
import { lexPart } from "./scan.ts";
import { makeToken } from "./token.ts";
import type { Token } from "./token.ts";
import type { Units } from "./units.ts";

/** A place in the sequence of everything the unit reads. */
export interface ViewPlace {
  readonly segment: number;
  readonly entry: number;
}

export class View {
  readonly unit: Outline;
  readonly #units: Units;
  /** Numbers of the segments of each outline, ascending. */
  readonly #segmentsOf = new Map<Outline, number[]>();
  readonly #outlines: readonly Outline[];

  constructor(units: Units, unit: Outline) {
    this.#units = units;
    this.unit = unit;
    for (const [number, { outline }] of unit.segments.entries()) {
      const numbers = this.#segmentsOf.get(outline);
      if (numbers) numbers.push(number);
      else this.#segmentsOf.set(outline, [number]);
    }
    const headers = [...this.#segmentsOf.keys()].filter((outline) => outline !== unit);
    this.#outlines = [unit, ...headers.reverse()];
  }

  /** The unit and the headers it reads: its own first, then the one read last. */
  outlines(): readonly Outline[] {
    return this.#outlines;
  }

  end(): ViewPlace {
    return { segment: this.unit.segments.length, entry: 0 };
  }

  place(outline: Outline, entry: number): ViewPlace {
    const numbers = this.#segmentsOf.get(outline) ?? [];
    const segment = numbers.find((number) => entry < (this.unit.segments[number]?.to ?? 0));
    return segment === undefined ? this.end() : { segment, entry };
  }

  /** The macro that the name stands for at the place. */
  macro(name: string, place: ViewPlace): Macro | NativeMacro | null {
    if (this.#units.isKept(name)) return null;
    const found = this.#defined(name, place);
    if (found === undefined) return this.#units.baseMacro(name, false);
    return found && this.#units.parse(found);
  }

  isMacro(name: string, place: ViewPlace): boolean {
    if (this.#units.isKept(name)) return false;
    const found = this.#defined(name, place);
    return found === undefined ? this.#units.baseMacro(name, false) !== null : found !== null;
  }

  /** The latest definition before the place; null if undefined since, undefined if no file says anything. */
  #defined(name: string, place: ViewPlace): MacroSource | null | undefined {
    let latest = -1;
    let found: MacroSource | null | undefined;
    for (const outline of this.#units.naming(name) ?? []) {
      const numbers = this.#segmentsOf.get(outline) ?? [];
      for (let index = numbers.length - 1; index >= 0; index--) {
        const number = numbers[index] ?? 0;
        const segment = this.unit.segments[number];
        if (number > place.segment || !segment) continue;
        if (number <= latest) break;
        const event = lastEvent(segment, name, number === place.segment ? place.entry : segment.to);
        if (!event) continue;
        latest = number;
        found = event.macro;
        break;
      }
    }
    return found;
  }

  /** The tokens of a declaration with macros replaced; throws a SourceError. */
  expandItem(outline: Outline, item: Item): Token[] {
    return drain(new Expander(new ItemReader(this, outline, item), this.#units.budget()));
  }

  /** The tokens of a text with macros replaced as at the end of the unit; throws a SourceError. */
  expandTokens(tokens: readonly Token[]): Token[] {
    const end = makeToken("end", "", this.unit.path, 0, false);
    const place = this.end();
    let at = 0;
    const reader = { next: () => tokens[at++] ?? end, lookup: (name: string) => this.macro(name, place) };
    return drain(new Expander(reader, this.#units.budget()));
  }
}

function drain(expander: Expander): Token[] {
  const out: Token[] = [];
  for (let token = expander.next(); token.kind !== "end"; token = expander.next()) out.push(token);
  return out;
}

/** Hands out the tokens of a declaration; directives inside of it take effect where they stand. */
class ItemReader implements Reader {
  readonly #view: View;
  readonly #outline: Outline;
  readonly #item: Item;
  #entry: number;
  #place: ViewPlace;
  #tokens: readonly Token[] = [];
  #at = 0;
  #end: Token;

  constructor(view: View, outline: Outline, item: Item) {
    this.#view = view;
    this.#outline = outline;
    this.#item = item;
    this.#entry = item.from.entry - 1;
    this.#place = view.place(outline, item.from.entry);
    this.#end = makeToken("end", "", outline.path, 0, false);
  }

  next(): Token {
    for (;;) {
      const token = this.#tokens[this.#at++];
      if (token) return token;
      if (!this.#open()) return this.#end;
    }
  }

  lookup(name: string): Macro | NativeMacro | null {
    return this.#view.macro(name, this.#place);
  }

  #open(): boolean {
    const { from, to } = this.#item;
    if (this.#entry >= to.entry) return false;
    const entry = this.#outline.entries[++this.#entry];
    this.#place = this.#view.place(this.#outline, this.#entry);
    this.#at = 0;
    this.#tokens = [];
    if (entry?.kind !== "text") return true;
    const start = this.#entry === from.entry ? from.start : entry.start;
    const end = this.#entry === to.entry ? to.stop : entry.end;
    this.#tokens = lexPart(entry.source, start, end);
    const last = this.#tokens.at(-1);
    if (last) this.#end = makeToken("end", "", last.file, last.line, false);
    return true;
  }
}
