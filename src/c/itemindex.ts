/** The declarations of an outline by the names they declare. */
import { splitItems } from "./items.ts";
import type { Item } from "./items.ts";
import type { Outline } from "./outline.ts";
import type { DefinitionKind } from "./source.ts";
import { TextWords } from "./words.ts";

export interface Found {
  readonly item: Item;
  readonly isComplete: boolean;
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

export function keysOf({ declared }: Item): [string, boolean][] {
  return [
    ...declared.names.map(({ kind, name, isComplete }): [string, boolean] => [
      nameKey(kind, name),
      isComplete,
    ]),
    ...declared.tags.map((tag): [string, boolean] => [tag, true]),
    ...declared.enumerators.map((name): [string, boolean] => [nameKey("enumerator", name), true]),
  ];
}

const INDEXES = new WeakMap<Outline, ItemIndex>();

export function indexItems(outline: Outline): ItemIndex {
  const known = INDEXES.get(outline);
  if (known) return known;
  const items = splitItems(new TextWords(outline.entries));
  const byName = new Map<string, Found[]>();
  const byArgument = new Map<string, Item[]>();
  for (const item of items) {
    for (const [key, isComplete] of keysOf(item)) append(byName, key, { item, isComplete });
    for (const name of item.declared.arguments) append(byArgument, name, item);
  }
  const index = { items, byName, byArgument };
  INDEXES.set(outline, index);
  return index;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Whether the word stands in the outline's files at all: cheap, and says no for most. */
export function mentions(outline: Outline, name: string): boolean {
  const seen = new Set<string>();
  for (const entry of outline.entries) {
    if (entry.kind !== "text" || seen.has(entry.source.path)) continue;
    seen.add(entry.source.path);
    if (entry.source.text.includes(name)) return true;
  }
  return false;
}

export function isIndexed(outline: Outline): boolean {
  return INDEXES.has(outline);
}
