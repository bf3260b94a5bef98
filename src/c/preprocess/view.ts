/** A unit as its compiler sees it: what a macro's name means at a place, and the tokens of a declaration there. */
import { definedMacro } from "./definition.ts";
import { Expander, fail } from "./expand.ts";
import type { Budget, NativeMacro, Reader } from "./expand.ts";
import type { Found } from "../declarations/itemindex.ts";
import type { Item } from "../declarations/items.ts";
import type { Macro } from "./macro.ts";
import { baseMacro } from "./names.ts";
import type { BaseNames } from "./names.ts";
import { headersOf, remember } from "./headers.ts";
import type { Headers } from "./headers.ts";
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

/** Of most names. */
const NONE: readonly Outline[] = [];

const VIEWS = new WeakMap<Outline, View>();

/** The view of a unit; the same as long as the unit and all it reads are the same. */
export function viewOf(unit: Outline, names: BaseNames): View {
  const view = VIEWS.get(unit) ?? new View(names, unit);
  VIEWS.set(unit, view);
  return view;
}

export class View {
  readonly unit: Outline;
  /** Shared with other versions of the unit. */
  readonly headers: Headers;
  readonly #names: BaseNames;
  /** Numbers of the unit's own segments, ascending. */
  readonly #ownSegments: readonly number[];
  readonly #outlines: readonly Outline[];
  /** Expanded declarations of the unit itself: they hold as long as the view does, in whichever program. */
  readonly #expansions = new Map<Item, Expansion>();
  /** Of the unit itself, as Headers has them of headers; filled by who looks for them. */
  pieces: Pieces | null | undefined;
  allPieces: Pieces | null | undefined;
  made: ReadonlyMap<string, Found> | null = null;
  /** The typedefs of the unit itself, as one word. */
  typedefs: string | null = null;

  constructor(names: BaseNames, unit: Outline) {
    this.#names = names;
    this.unit = unit;
    this.headers = headersOf(unit);
    this.#ownSegments = unit.segments.flatMap(({ outline }, number) => (outline === unit ? [number] : []));
    this.#outlines = [unit, ...this.headers.outlines];
  }

  /** The unit and the headers it reads: its own first, then the one read last. */
  outlines(): readonly Outline[] {
    return this.#outlines;
  }

  end(): ViewPlace {
    return { segment: this.unit.segments.length, entry: 0 };
  }

  place(outline: Outline, entry: number): ViewPlace {
    const segment = this.#segmentsOf(outline).find((number) => entry < (this.unit.segments[number]?.to ?? 0));
    return segment === undefined ? this.end() : { segment, entry };
  }

  #segmentsOf(outline: Outline): readonly number[] {
    return outline === this.unit ? this.#ownSegments : (this.headers.segmentsOf.get(outline) ?? []);
  }

  /** The unit, where it defines or undefines the name, then the headers that do. */
  #definers(name: string): readonly Outline[] {
    const { definers, outlines } = this.headers;
    const known = definers.get(name);
    const found = known ?? remember(definers, name, outlinesDefining(outlines, name));
    return this.unit.events.has(name) ? [this.unit, ...found] : found;
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
    const events = this.#definers(name).flatMap((outline) => outline.events.get(name) ?? []);
    const own = events.flatMap(({ macro }) => (macro ? wellFormed(macro) : []));
    const base = baseMacro(this.#names, name, false);
    return base && !("native" in base) ? [...own, base] : own;
  }

  isMacro(name: string, place: ViewPlace): boolean {
    if (this.#names.kept.has(name)) return false;
    const found = this.#defined(name, place);
    return found === undefined ? baseMacro(this.#names, name, false) !== null : found !== null;
  }

  /** The latest definition before the place; null if undefined since, undefined if no file says anything. */
  #defined(name: string, place: ViewPlace): MacroSource | null | undefined {
    let latest = -1;
    let found: MacroSource | null | undefined;
    for (const outline of this.#definers(name)) {
      const numbers = this.#segmentsOf(outline);
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
    const expansions = outline === this.unit ? this.#expansions : this.headers.expansions;
    const known = expansions.get(item);
    if (known) return known;
    const expansion = guarded(() => drain(new Expander(new ItemReader(this, outline, item), budget)));
    if (expansion.problem?.code !== "token-limit") expansions.set(item, expansion);
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

function outlinesDefining(outlines: readonly Outline[], name: string): readonly Outline[] {
  const found = outlines.filter((outline) => outline.events.has(name));
  return found.length === 0 ? NONE : found;
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
