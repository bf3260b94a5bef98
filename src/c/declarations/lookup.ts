/**
 * Finds declarations. Order: what the unit and its headers say in plain words, definitions before mere
 * declarations; then what macros invoked at file scope declare; then the .c files of the unit's directory and of
 * the search directories, without their static names.
 */
import { pickDeclaration, splitTokens } from "./expansion.ts";
import { directoryOf } from "../text/files.ts";
import type { Files } from "../text/files.ts";
import { indexItems, isIndexed, keysOf, mayMention } from "./itemindex.ts";
import type { Found } from "./itemindex.ts";
import type { Item } from "./items.ts";
import type { Outline } from "../preprocess/outline.ts";
import { collectPieces, consistsOf } from "./pieces.ts";
import type { Pieces } from "./pieces.ts";
import { lineAt } from "../text/scan.ts";
import type { Definition, DefinitionKind, Expansion } from "../source.ts";
import type { SourceProblem } from "../text/token.ts";
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

/** A declaration in an outline. */
interface Hit extends Found {
  readonly outline: Outline;
}

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

  /** Whether the unit itself, without its headers, defines it in plain words. */
  hasOwn(wanted: Wanted, unit: string): boolean {
    const view = this.view(unit);
    return view !== null && this.#plainHits(wanted, [view.unit]).some(({ isComplete }) => isComplete);
  }

  #search(wanted: Wanted, view: View): Definition | null {
    const outlines = view.outlines();
    const plain = this.#plainHits(wanted, outlines);
    const hit = bestOf(plain) ?? this.#givenHit(wanted, view, outlines);
    if (hit?.isComplete) return this.#define(wanted, view, hit);
    const declaration = plain[0] ?? hit;
    // what is declared in plain words is hardly ever made by a macro as well: look into other files first
    const elsewhere = declaration ? this.#searchElsewhere(wanted, view, true) : null;
    if (elsewhere) return elsewhere;
    const made = this.#madeHit(wanted, view, outlines);
    if (made?.isComplete) return this.#define(wanted, view, made);
    // a prototype behind an invocation without a semicolon belongs to its item: declared, but not in plain words
    const found = declaration ? null : this.#searchElsewhere(wanted, view, made !== undefined);
    if (found) return found;
    const last = made ?? declaration;
    return last ? this.#define(wanted, view, last) : null;
  }

  #plainHits({ name, key }: Wanted, outlines: readonly Outline[]): Hit[] {
    const hash = wordHash(name);
    return outlines.flatMap((outline) => {
      if (!isIndexed(outline) && !mayMention(outline, hash)) return [];
      return (indexItems(outline).byName.get(key) ?? []).map((found) => ({ ...found, outline }));
    });
  }

  /** A declaration that a macro makes which is given the name. */
  #givenHit({ name, key }: Wanted, view: View, outlines: readonly Outline[]): Hit | undefined {
    const hash = wordHash(name);
    for (const outline of outlines) {
      if (!isIndexed(outline) && !mayMention(outline, hash)) continue;
      for (const item of indexItems(outline).byArgument.get(name) ?? []) {
        const made = this.#makes(view, outline, item).get(key);
        if (made) return { outline, ...made };
      }
    }
    return undefined;
  }

  /** A declaration that a macro makes without being given the whole name. */
  #madeHit({ name, key }: Wanted, view: View, outlines: readonly Outline[]): Hit | undefined {
    if (!this.#mayMake(name, view)) return undefined;
    for (const outline of outlines) {
      const pieces = this.#pieces(view, outline);
      if (pieces !== null && !consistsOf(name, pieces)) continue;
      const made = this.#madeBy(view, outline).get(key);
      if (made) return { outline, ...made };
    }
    return undefined;
  }

  /** Whether macros of the view may make the name; false is certain. Asked of all outlines in one go. */
  #mayMake(name: string, view: View): boolean {
    if (view.allPieces === undefined) {
      const each = view.outlines().map((outline) => this.#pieces(view, outline));
      view.allPieces = each.includes(null) ? null : new Set(each.flatMap((pieces) => [...(pieces ?? [])]));
    }
    return view.allPieces === null || consistsOf(name, view.allPieces);
  }

  /** What the names that an outline's macros make can consist of; null if that is not known. */
  #pieces(view: View, outline: Outline): Pieces | null {
    const known = view.pieces.get(outline);
    if (known !== undefined) return known;
    const makers = indexItems(outline).items.filter((item) => hasMacroAtNames(view, outline, item));
    const words = makers.flatMap(({ declared }) => [...declared.words, ...declared.enumerators]);
    const isKnown = makers.every(({ declared }) => !declared.isOpaque);
    const pieces = isKnown ? collectPieces(words, (name) => view.macrosNamed(name)) : null;
    view.pieces.set(outline, pieces);
    return pieces;
  }

  /** Everything that the macros invoked at file scope declare in an outline. */
  #madeBy(view: View, outline: Outline): ReadonlyMap<string, Found> {
    const known = view.made.get(outline);
    if (known) return known;
    const made = new Map<string, Found>();
    for (const item of indexItems(outline).items) {
      for (const [key, found] of this.#makes(view, outline, item)) made.set(key, found);
    }
    view.made.set(outline, made);
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
      const hits = this.#plainHits(wanted, [other.unit]).filter(({ item }) => !item.declared.isStatic);
      const hit = bestOf(hits) ?? this.#givenHit(wanted, other, [other.unit]);
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
