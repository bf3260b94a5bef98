/**
 * What is known of the headers that a unit reads. They say the same to every version of the unit that includes and
 * defines the same in the same order, whatever else stands in its text: a patch changes a function, hardly ever that.
 */
import type { Found } from "../declarations/itemindex.ts";
import type { Item } from "../declarations/items.ts";
import type { Pieces } from "../declarations/pieces.ts";
import type { Expansion } from "../source.ts";
import { lineAt } from "../text/scan.ts";
import type { Entry, MacroSource, Outline, Segment } from "./outline.ts";

/** A declaration in an outline. */
export interface Hit extends Found {
  readonly outline: Outline;
}

export interface Headers {
  /** The one read last first. */
  readonly outlines: readonly Outline[];
  /** Numbers of the unit's segments that are of each header, ascending. */
  readonly segmentsOf: ReadonlyMap<Outline, readonly number[]>;
  /** Headers that define or undefine a name. */
  readonly definers: Map<string, readonly Outline[]>;
  /** Their expanded declarations: they hold in whichever program. */
  readonly expansions: Map<Item, Expansion>;
  /** Declarations by key: those in plain words, and those made by macros which are given the name. */
  readonly plain: Map<string, readonly Hit[]>;
  readonly given: Map<string, Hit | null>;
  /** What names made by macros can consist of. */
  readonly pieces: Map<Outline, Pieces | null>;
  /** The pieces of all of them together; null if those of one are not known. */
  allPieces: Pieces | null | undefined;
  /** What macros invoked at file scope declare, by key. */
  readonly made: Map<Outline, ReadonlyMap<string, Found>>;
}

interface Known {
  readonly unit: Outline;
  readonly headers: Headers;
}

/** By the header that is read last, then by the path of the unit: the latest shape of each. */
const KNOWN = new WeakMap<Outline, Map<string, Known>>();
const UNITS_KEPT = 32;
/** Names of which something is remembered: beyond what units of the kernel ask for. */
const NAMES_KEPT = 20_000;

/** The headers of the unit, with what other versions of it have found out. */
export function headersOf(unit: Outline): Headers {
  const last = unit.segments.findLast(({ outline }) => outline !== unit)?.outline;
  if (last === undefined) return makeHeaders(unit);
  const units = KNOWN.get(last) ?? new Map<string, Known>();
  KNOWN.set(last, units);
  const known = units.get(unit.path);
  if (known && readsTheSame(known.unit, unit)) return known.headers;
  const headers = makeHeaders(unit);
  if (units.size >= UNITS_KEPT) units.clear();
  units.set(unit.path, { unit, headers });
  return headers;
}

/** Remembers something of a name; all is forgotten when it becomes too much. */
export function remember<T>(map: Map<string, T>, name: string, value: T): T {
  if (map.size >= NAMES_KEPT) map.clear();
  map.set(name, value);
  return value;
}

function makeHeaders(unit: Outline): Headers {
  const segmentsOf = new Map<Outline, number[]>();
  for (const [number, { outline }] of unit.segments.entries()) {
    if (outline === unit) continue;
    const numbers = segmentsOf.get(outline);
    if (numbers) numbers.push(number);
    else segmentsOf.set(outline, [number]);
  }
  return {
    outlines: [...segmentsOf.keys()].reverse(),
    segmentsOf,
    definers: new Map(),
    expansions: new Map(),
    plain: new Map(),
    given: new Map(),
    pieces: new Map(),
    allPieces: undefined,
    made: new Map(),
  };
}

/** Whether two versions of a unit read the same headers and define the same macros in the same order. */
function readsTheSame(a: Outline, b: Outline): boolean {
  if (a === b) return true;
  if (a.segments.length !== b.segments.length || a.entries.length !== b.entries.length) return false;
  if (!a.segments.every((segment, at) => isSameSegment(a, segment, b, b.segments[at]))) return false;
  const first = lastOwnBeforeHeaders(a);
  return a.entries.every((entry, at) => isSameEntry(entry, b.entries[at], at < first));
}

function isSameSegment(a: Outline, one: Segment, b: Outline, other: Segment | undefined): boolean {
  if (one.from !== other?.from || one.to !== other.to) return false;
  return one.outline === a ? other.outline === b : one.outline === other.outline;
}

/** The number of the unit's entries behind which no header is read any more. */
function lastOwnBeforeHeaders(unit: Outline): number {
  const last = unit.segments.findLastIndex(({ outline }) => outline !== unit);
  return unit.segments.findLast(({ outline }, at) => outline === unit && at < last)?.to ?? 0;
}

/** Text may differ; what headers may use of a macro includes the line that it stands in. */
function isSameEntry(a: Entry, b: Entry | undefined, isBeforeHeaders: boolean): boolean {
  if (a.kind === "text") return b?.kind === "text";
  if (a.kind === "module") return b?.kind === "module" && a.outline === b.outline;
  if (b?.kind !== "macro" || a.name !== b.name) return false;
  if (a.macro === null || b.macro === null) return a.macro === b.macro;
  return isSameMacro(a.macro, b.macro, isBeforeHeaders);
}

function isSameMacro(a: MacroSource, b: MacroSource, isBeforeHeaders: boolean): boolean {
  if (a.source === b.source && a.directive === b.directive) return true;
  if (a.source.path !== b.source.path || textOf(a) !== textOf(b)) return false;
  return !isBeforeHeaders || lineOf(a) === lineOf(b);
}

function textOf({ source, directive }: MacroSource): string {
  return source.text.slice(directive.start, directive.end);
}

function lineOf({ source, directive }: MacroSource): number {
  return lineAt(source, directive.start);
}
