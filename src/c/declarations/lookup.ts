/**
 * Finds declarations. Order: what the unit and its headers say in plain words, definitions before mere
 * declarations; then what macros invoked at file scope declare; then the .c files of the unit's directory and of
 * the search directories, without their static names.
 */
import { pickDeclaration, splitTokens } from "./expansion.ts";
import { directoryOf } from "../text/files.ts";
import type { Files } from "../text/files.ts";
import { indexItems, isIndexed, keysOf, mayMention, nameKey } from "./itemindex.ts";
import type { Found } from "./itemindex.ts";
import type { Item } from "./items.ts";
import type { Outline } from "../preprocess/outline.ts";
import { collectPieces, consistsOf } from "./pieces.ts";
import type { Pieces } from "./pieces.ts";
import { lineAt } from "../text/scan.ts";
import type { Definition, DefinitionKind, Expansion } from "../source.ts";
import type { SourceProblem } from "../text/token.ts";
import { remember } from "../preprocess/headers.ts";
import type { Headers, Hit } from "../preprocess/headers.ts";
import type { Units } from "../preprocess/units.ts";
import { viewOf } from "../preprocess/view.ts";
import type { View } from "../preprocess/view.ts";
import { wordHash } from "../text/wordfilter.ts";

/** What is looked for. */
export interface Wanted {
  readonly kind: DefinitionKind;
  readonly name: string;
  /** The key in an index of items. */
  readonly key: string;
}

const TYPEDEF_KEY = nameKey("typedef", "");

export class Lookup {
  readonly #searchDirs: readonly string[];
  readonly #files: Files;
  readonly #units: Units;
  readonly #views = new Map<string, View | null>();
  readonly #answers = new Map<string, Definition | null>();

  constructor(searchDirs: readonly string[], files: Files, units: Units) {
    this.#searchDirs = searchDirs;
    this.#files = files;
    this.#units = units;
  }

  /** The unit as it sees itself; null if there is no such file. */
  view(unit: string): View | null {
    const known = this.#views.get(unit);
    if (known !== undefined) return known;
    const outline = this.#units.unit(unit);
    const view = outline && viewOf(outline, this.#units.names);
    this.#views.set(unit, view);
    return view;
  }

  find(wanted: Wanted, unit: string): Definition | null {
    const question = `${unit}\n${wanted.key}`;
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const view = this.view(unit);
    const answer = view && this.#search(wanted, view);
    this.#answers.set(question, answer);
    return answer;
  }

  /**
   * The typedefs of the unit's own text, as one word. With those of its headers they decide how a declaration is
   * parsed that several versions of the unit have in common.
   */
  ownTypedefs(unit: string): string {
    const view = this.view(unit);
    if (view === null) return "";
    if (view.typedefs !== null) return view.typedefs;
    const keys = [...indexItems(view.unit).byName.keys(), ...this.#madeBy(view, view.unit).keys()];
    const names = keys.filter((key) => key.startsWith(TYPEDEF_KEY));
    const typedefs = [...new Set(names)].sort().join();
    if (!this.#units.areSpent()) view.typedefs = typedefs;
    return typedefs;
  }

  /** Whether the unit itself, without its headers, defines it in plain words. */
  hasOwn(wanted: Wanted, unit: string): boolean {
    const view = this.view(unit);
    return view !== null && plainHits(wanted, view.unit).some(({ isComplete }) => isComplete);
  }

  #search(wanted: Wanted, view: View): Definition | null {
    const plain = [...plainHits(wanted, view.unit), ...plainHitsOfHeaders(wanted, view.headers)];
    const hit = bestOf(plain) ?? this.#givenHit(wanted, view) ?? this.#givenHitOfHeaders(wanted, view);
    if (hit?.isComplete) return this.#define(wanted, view, hit);
    const declaration = plain[0] ?? hit;
    // what is declared in plain words is hardly ever made by a macro as well: look into other files first
    const elsewhere = declaration ? this.#searchElsewhere(wanted, view, true) : null;
    if (elsewhere) return elsewhere;
    const made = this.#madeHit(wanted, view);
    if (made?.isComplete) return this.#define(wanted, view, made);
    // a prototype behind an invocation without a semicolon belongs to its item: declared, but not in plain words
    const found = declaration ? null : this.#searchElsewhere(wanted, view, made !== undefined);
    if (found) return found;
    const last = made ?? declaration;
    return last ? this.#define(wanted, view, last) : null;
  }

  /** A declaration that a macro of the unit makes which is given the name. */
  #givenHit(wanted: Wanted, view: View): Hit | undefined {
    return this.#givenIn(view.unit, wanted, view);
  }

  #givenHitOfHeaders(wanted: Wanted, view: View): Hit | undefined {
    const { given, outlines } = view.headers;
    const known = given.get(wanted.key);
    if (known !== undefined) return known ?? undefined;
    let hit: Hit | undefined;
    for (const outline of outlines) if ((hit = this.#givenIn(outline, wanted, view))) break;
    if (!this.#units.areSpent()) remember(given, wanted.key, hit ?? null);
    return hit;
  }

  #givenIn(outline: Outline, { name, key }: Wanted, view: View): Hit | undefined {
    if (!isIndexed(outline) && !mayMention(outline, wordHash(name))) return undefined;
    for (const item of indexItems(outline).byArgument.get(name) ?? []) {
      const made = this.#makes(view, outline, item).get(key);
      if (made) return { outline, ...made };
    }
    return undefined;
  }

  /** A declaration that a macro makes without being given the whole name. */
  #madeHit({ name, key }: Wanted, view: View): Hit | undefined {
    if (!this.#mayMake(name, view)) return undefined;
    for (const outline of view.outlines()) {
      const pieces = this.#pieces(view, outline);
      if (pieces !== null && !consistsOf(name, pieces)) continue;
      const made = this.#madeBy(view, outline).get(key);
      if (made) return { outline, ...made };
    }
    return undefined;
  }

  /** Whether macros of the view may make the name; false is certain. Asked of all outlines in one go. */
  #mayMake(name: string, view: View): boolean {
    const { headers, unit } = view;
    if (headers.allPieces === undefined)
      headers.allPieces = together(headers.outlines.map((outline) => this.#pieces(view, outline)));
    if (view.allPieces === undefined)
      view.allPieces = together([headers.allPieces, this.#pieces(view, unit)]);
    return view.allPieces === null || consistsOf(name, view.allPieces);
  }

  #pieces(view: View, outline: Outline): Pieces | null {
    if (outline === view.unit) {
      if (view.pieces === undefined) view.pieces = findPieces(view, outline);
      return view.pieces;
    }
    const known = view.headers.pieces.get(outline);
    if (known !== undefined) return known;
    const pieces = findPieces(view, outline);
    view.headers.pieces.set(outline, pieces);
    return pieces;
  }

  /** Everything that the macros invoked at file scope declare in an outline. */
  #madeBy(view: View, outline: Outline): ReadonlyMap<string, Found> {
    if (outline === view.unit) return (view.made ??= this.#makeAll(view, outline));
    const known = view.headers.made.get(outline);
    if (known) return known;
    const made = this.#makeAll(view, outline);
    if (!this.#units.areSpent()) view.headers.made.set(outline, made);
    return made;
  }

  #makeAll(view: View, outline: Outline): ReadonlyMap<string, Found> {
    const made = new Map<string, Found>();
    for (const item of indexItems(outline).items) {
      for (const [key, found] of this.#makes(view, outline, item)) made.set(key, found);
    }
    return made;
  }

  /** The names that an item declares only once its macros are replaced. */
  #makes(view: View, outline: Outline, item: Item): ReadonlyMap<string, Found> {
    if (!hasMacroAtNames(view, outline, item)) return new Map();
    const { tokens, problem } = this.#expand(view, outline, item);
    if (problem) this.#files.problems.push(problem);
    const keys = splitTokens(tokens).flatMap(keysOf);
    return new Map(keys.map(({ key, isComplete, isTentative }) => [key, { item, isComplete, isTentative }]));
  }

  /** Looks for a definition that other .c files export. */
  #searchElsewhere(wanted: Wanted, view: View, isDeclared: boolean): Definition | null {
    if (wanted.kind !== "function" && wanted.kind !== "object") return null;
    // in capitals and declared nowhere: a macro or an enumerator of a header that is out of scope
    if (!isDeclared && /^[A-Z0-9_]+$/.test(wanted.name)) return null;
    for (const path of this.#otherSources(view.unit.path, isDeclared)) {
      if (this.#files.openIfDefining(path, wanted.name) === null) continue;
      const other = this.view(path);
      if (!other) continue;
      const hits = plainHits(wanted, other.unit).filter(({ item }) => !item.declared.isStatic);
      const hit = bestOf(hits) ?? this.#givenHit(wanted, other);
      if (hit?.isComplete && !hit.item.declared.isStatic) return this.#define(wanted, other, hit);
    }
    return null;
  }

  /** A name that no visible header declares can only come from beside the unit. */
  #otherSources(unit: string, isDeclared: boolean): string[] {
    const own = directoryOf(unit);
    const dirs = isDeclared ? new Set([own, ...this.#searchDirs]) : [own];
    return [...dirs].flatMap((dir) => this.#files.sourcesIn(dir)).filter((path) => path !== unit);
  }

  #define(wanted: Wanted, view: View, { outline, item, isComplete }: Hit): Definition {
    const { tokens, problem } = this.#expand(view, outline, item);
    const { file, line } = placeOf(outline, item);
    const picked =
      item.declared.invoked === null ? { tokens, isStatic: false } : pickDeclaration(tokens, wanted.key);
    const flaw: SourceProblem = { code: "unbalanced", file, line, text: "a brace without its partner" };
    return {
      kind: wanted.kind,
      name: wanted.name,
      unit: view.unit.path,
      file,
      line,
      isStatic: item.declared.isStatic || picked.isStatic,
      isComplete,
      tokens: picked.tokens,
      problem: problem ?? (item.isClosed ? null : flaw),
    };
  }

  #expand(view: View, outline: Outline, item: Item): Expansion {
    return view.expandItem(outline, item, this.#units.budget());
  }
}

/** Declarations of the outline in plain words. */
function plainHits({ name, key }: Wanted, outline: Outline): Hit[] {
  if (!isIndexed(outline) && !mayMention(outline, wordHash(name))) return [];
  return (indexItems(outline).byName.get(key) ?? []).map((found) => ({ ...found, outline }));
}

function plainHitsOfHeaders(wanted: Wanted, { plain, outlines }: Headers): readonly Hit[] {
  const known = plain.get(wanted.key);
  return (
    known ??
    remember(
      plain,
      wanted.key,
      outlines.flatMap((outline) => plainHits(wanted, outline)),
    )
  );
}

/** What the names that an outline's macros make can consist of; null if that is not known. */
function findPieces(view: View, outline: Outline): Pieces | null {
  const makers = indexItems(outline).items.filter((item) => hasMacroAtNames(view, outline, item));
  const words = makers.flatMap(({ declared }) => [...declared.words, ...declared.enumerators]);
  const isKnown = makers.every(({ declared }) => !declared.isOpaque);
  return isKnown ? collectPieces(words, (name) => view.macrosNamed(name)) : null;
}

/** null where one is not known. */
function together(all: readonly (Pieces | null)[]): Pieces | null {
  const known = all.flatMap((pieces) => (pieces === null ? [] : [pieces]));
  if (known.length < all.length) return null;
  const [first, ...others] = known.filter(({ size }) => size > 0);
  if (first === undefined || others.length === 0) return first ?? new Set();
  return new Set([...first, ...others.flatMap((pieces) => [...pieces])]);
}

/** A definition; one with an initialiser before one without. */
function bestOf(hits: readonly Hit[]): Hit | undefined {
  const complete = hits.filter(({ isComplete }) => isComplete);
  return complete.find(({ isTentative }) => !isTentative) ?? complete[0];
}

/** Whether a macro stands where the item would have a name: it begins with an invocation, or an enumerator is one. */
function hasMacroAtNames(view: View, outline: Outline, { declared, from, to }: Item): boolean {
  const { invoked, enumerators, isOpaque } = declared;
  if (isOpaque) return true;
  if (invoked === null && enumerators.length === 0) return false;
  const places = [view.place(outline, from.entry), view.place(outline, to.entry)];
  const isMacro = (name: string): boolean => places.some((place) => view.isMacro(name, place));
  return invoked !== null ? isMacro(invoked) : enumerators.some(isMacro);
}

function placeOf(outline: Outline, { from }: Item): { file: string; line: number } {
  const entry = outline.entries[from.entry];
  if (entry?.kind !== "text") return { file: outline.path, line: 1 };
  return { file: entry.source.path, line: lineAt(entry.source, from.start) };
}
