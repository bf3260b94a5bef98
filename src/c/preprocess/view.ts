/** A unit as its compiler sees it: what a macro's name means at a place, and the tokens of a declaration there. */
import { definedMacro } from "./definition.ts";
import { Expander, fail } from "./expand.ts";
import type { Budget, NativeMacro, Reader } from "./expand.ts";
import type { Found } from "../declarations/itemindex.ts";
import type { Item } from "../declarations/items.ts";
import type { Macro } from "./macro.ts";
import { baseMacro } from "./names.ts";
import type { BaseNames } from "./names.ts";
import { lastEvent } from "./outline.ts";
import type { Entry, MacroSource, Outline } from "./outline.ts";
import type { Pieces } from "../declarations/pieces.ts";
import { lexPart } from "../text/scan.ts";
import { SourceError, makeToken, withSpace } from "../text/token.ts";
import type { Expansion } from "../source.ts";
import type { Token } from "../text/token.ts";

/** A place in the sequence of everything the unit reads. */
export interface ViewPlace {
  readonly segment: number;
  readonly entry: number;
}

const VIEWS = new WeakMap<Outline, View>();

/** The view of a unit; the same as long as the unit and all it reads are the same. */
export function viewOf(unit: Outline, names: BaseNames): View {
  const view = VIEWS.get(unit) ?? new View(names, unit);
  VIEWS.set(unit, view);
  return view;
}

export class View {
  readonly unit: Outline;
  readonly #names: BaseNames;
  /** Numbers of the segments of each outline, ascending. */
  readonly #segmentsOf = new Map<Outline, number[]>();
  readonly #outlines: readonly Outline[];
  /** Expanded declarations: they hold as long as the view does, in whichever program. */
  readonly #expansions = new Map<Item, Expansion>();
  /** What names made by macros can consist of; filled by who looks for it. */
  readonly pieces = new Map<Outline, Pieces | null>();
  /** The pieces of all outlines together; null if those of one are not known. */
  allPieces: Pieces | null | undefined;
  /** What macros invoked at file scope declare, by key; filled by who looks for it. */
  readonly made = new Map<Outline, ReadonlyMap<string, Found>>();
  readonly #named = new Map<string, boolean>();

  constructor(names: BaseNames, unit: Outline) {
    this.#names = names;
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
    if (this.#names.kept.has(name)) return null;
    const found = this.#defined(name, place);
    if (found === undefined) return baseMacro(this.#names, name, false);
    return found && definedMacro(found);
  }

  /** All macros that the name stands for anywhere in the view; malformed ones left out. */
  macrosNamed(name: string): Macro[] {
    if (this.#names.kept.has(name)) return [];
    const events = this.#outlines.flatMap((outline) => outline.events.get(name) ?? []);
    const own = events.flatMap(({ macro }) => (macro ? wellFormed(macro) : []));
    const base = baseMacro(this.#names, name, false);
    return base && !("native" in base) ? [...own, base] : own;
  }

  isMacro(name: string, place: ViewPlace): boolean {
    if (this.#names.kept.has(name)) return false;
    const found = this.#defined(name, place);
    return found === undefined ? baseMacro(this.#names, name, false) !== null : found !== null;
  }

  /** What the name means at the place; most names are no macro anywhere, which is remembered. */
  #defined(name: string, place: ViewPlace): MacroSource | null | undefined {
    let isNamed = this.#named.get(name);
    if (isNamed === undefined) {
      isNamed = this.#outlines.some((outline) => outline.events.has(name));
      this.#named.set(name, isNamed);
    }
    return isNamed ? this.#latest(name, place) : undefined;
  }

  /** The latest definition before the place; null if undefined since, undefined if no file says anything. */
  #latest(name: string, place: ViewPlace): MacroSource | null | undefined {
    let latest = -1;
    let found: MacroSource | null | undefined;
    for (const outline of this.#outlines) {
      if (!outline.events.has(name)) continue;
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

  /** The tokens of a declaration with macros replaced. */
  expandItem(outline: Outline, item: Item, budget: Budget): Expansion {
    const known = this.#expansions.get(item);
    if (known) return known;
    const expansion = guarded(() => drain(new Expander(new ItemReader(this, outline, item), budget)));
    if (expansion.problem?.code !== "token-limit") this.#expansions.set(item, expansion);
    return expansion;
  }

  /** The tokens of everything in the unit with macros replaced. */
  expandWhole(budget: Budget): Expansion {
    const { entries } = this.unit;
    const from = { entry: 0, start: firstOffset(entries[0]), stop: 0 };
    const to = { entry: entries.length - 1, start: 0, stop: lastOffset(entries.at(-1)) };
    return guarded(() => drain(new Expander(new ItemReader(this, this.unit, { from, to }), budget)));
  }

  /** The tokens of a text with macros replaced as at the end of the unit. */
  expandTokens(tokens: readonly Token[], budget: Budget): Expansion {
    const end = makeToken("end", "", this.unit.path, 0, false);
    const place = this.end();
    let at = 0;
    const reader: Reader = {
      next: () => tokens[at++] ?? end,
      isAtDirective: () => false,
      lookup: (name) => this.macro(name, place),
    };
    return guarded(() => drain(new Expander(reader, budget)));
  }
}

function wellFormed(source: MacroSource): Macro[] {
  try {
    return [definedMacro(source)];
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return [];
  }
}

/** Turns the room's own exception into a value; what the tree throws passes. */
function guarded(work: () => readonly Token[]): Expansion {
  try {
    return { tokens: work(), problem: null };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { tokens: [], problem: error.problem };
  }
}

function drain(expander: Expander): Token[] {
  const out: Token[] = [];
  for (let token = expander.next(); token.kind !== "end"; token = expander.next()) out.push(token);
  return out;
}

function firstOffset(entry: Entry | undefined): number {
  return entry?.kind === "text" ? entry.start : 0;
}

function lastOffset(entry: Entry | undefined): number {
  return entry?.kind === "text" ? entry.end : 0;
}

/** Part of an outline's text. */
type Span = Pick<Item, "from" | "to">;

/** Longest declaration that is turned into tokens, in bytes: those of the kernel stay below a tenth of it. */
const MOST_ITEM_BYTES = 300_000;

/** Hands out the tokens of a declaration; directives inside of it take effect where they stand. */
class ItemReader implements Reader {
  readonly #view: View;
  readonly #outline: Outline;
  readonly #item: Span;
  #entry: number;
  #place: ViewPlace;
  #tokens: readonly Token[] = [];
  #at = 0;
  #bytes = 0;
  #end: Token;

  constructor(view: View, outline: Outline, item: Span) {
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

  isAtDirective(): boolean {
    return (
      this.#at >= this.#tokens.length &&
      this.#entry >= this.#item.from.entry &&
      this.#entry < this.#item.to.entry
    );
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
    this.#bytes += end - start;
    if (this.#bytes > MOST_ITEM_BYTES) {
      fail("token-limit", this.#end, `a declaration of more than ${MOST_ITEM_BYTES} bytes`);
    }
    const tokens = lexPart(entry.source, start, end);
    const [first] = tokens;
    if (first && this.#entry > from.entry) tokens[0] = withSpace(first, true);
    this.#tokens = tokens;
    const last = tokens.at(-1);
    if (last) this.#end = makeToken("end", "", last.file, last.line, false);
    return true;
  }
}
