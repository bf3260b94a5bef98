/** The declarations of an outline by the names they declare. */
import { splitItems } from "./items.ts";
import type { Item } from "./items.ts";
import type { Outline } from "../preprocess/outline.ts";
import type { SourceFile } from "../text/scan.ts";
import type { DefinitionKind } from "../source.ts";
import { TextWords } from "../text/words.ts";

export interface Found {
  readonly item: Item;
  readonly isComplete: boolean;
  readonly isTentative: boolean;
}

export interface ItemIndex {
  readonly items: readonly Item[];
  readonly byName: ReadonlyMap<string, readonly Found[]>;
  /** Invocations of macros at file scope by the identifiers in their parentheses. */
  readonly byArgument: ReadonlyMap<string, readonly Item[]>;
}

/** `struct a` for tags, otherwise the kind and the name. */
export function nameKey(kind: Exclude<DefinitionKind, "tag">, name: string): string {
  return `${kind} ${name}`;
}

export interface Key {
  readonly key: string;
  readonly isComplete: boolean;
  readonly isTentative: boolean;
}

export function keysOf({ declared }: Item): Key[] {
  const sure = { isComplete: true, isTentative: false };
  return [
    ...declared.names.map(({ kind, name, isComplete, isTentative = false }) => ({
      key: nameKey(kind, name),
      isComplete,
      isTentative,
    })),
    ...declared.tags.map((key) => ({ key, ...sure })),
    ...declared.enumerators.map((name) => ({ key: nameKey("enumerator", name), ...sure })),
  ];
}

const INDEXES = new WeakMap<Outline, ItemIndex>();
/** Indexes of one text; trees that differ elsewhere share them as long as the same parts of it are active. */
const SHARED = new WeakMap<SourceFile, Map<string, ItemIndex>>();
const SHARED_KEPT = 8;

export function indexItems(outline: Outline): ItemIndex {
  const known = INDEXES.get(outline);
  if (known) return known;
  const index = sharedIndex(outline) ?? makeIndex(outline);
  INDEXES.set(outline, index);
  return index;
}

/** The index of an outline whose text comes from one file; null if files without guard are mixed in. */
function sharedIndex(outline: Outline): ItemIndex | null {
  const first = outline.entries.find((entry) => entry.kind === "text");
  const shape = first && shapeOf(outline, first.source);
  if (!first || shape === null || shape === undefined) return null;
  const indexes = SHARED.get(first.source) ?? new Map<string, ItemIndex>();
  SHARED.set(first.source, indexes);
  const known = indexes.get(shape);
  if (known) return known;
  const index = makeIndex(outline);
  if (indexes.size >= SHARED_KEPT) indexes.clear();
  indexes.set(shape, index);
  return index;
}

/** Which parts of the file are active, and where they stand among the entries. */
function shapeOf({ entries }: Outline, source: SourceFile): string | null {
  const parts: (number | string)[] = [];
  for (const entry of entries) {
    if (entry.kind !== "text") parts.push("");
    else if (entry.source !== source) return null;
    else parts.push(entry.start, entry.end);
  }
  return parts.join();
}

function makeIndex(outline: Outline): ItemIndex {
  const items = splitItems(new TextWords(outline.entries));
  const byName = new Map<string, Found[]>();
  const byArgument = new Map<string, Item[]>();
  for (const item of items) {
    for (const { key, isComplete, isTentative } of keysOf(item))
      append(byName, key, { item, isComplete, isTentative });
    for (const name of item.declared.arguments) append(byArgument, name, item);
  }
  return { items, byName, byArgument };
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const SOURCES = new WeakMap<Outline, ReadonlySet<SourceFile>>();

/** The files whose text is in the outline. */
function sourcesOf(outline: Outline): ReadonlySet<SourceFile> {
  const known = SOURCES.get(outline);
  if (known) return known;
  const sources = new Set(outline.entries.flatMap((entry) => (entry.kind === "text" ? [entry.source] : [])));
  SOURCES.set(outline, sources);
  return sources;
}

/** Whether the word with this hash may stand in the outline's files: cheap, and says no for most. */
export function mayMention(outline: Outline, hash: number): boolean {
  for (const source of sourcesOf(outline)) if (source.mayHold(hash)) return true;
  return false;
}

export function isIndexed(outline: Outline): boolean {
  return INDEXES.has(outline);
}
