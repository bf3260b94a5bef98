/** Sets of passed-through accesses as JSON text. */
import { ACCESSES, msrHex, X2APIC_MSR_FIRST, X2APIC_MSR_LAST } from "../x2apic.ts";
import type { Access, AccessSet } from "../x2apic.ts";
import { usualAnswers } from "./answers.ts";
import type { Profile } from "./profile.ts";
import { buildRows } from "./rows.ts";
import type { Row } from "./rows.ts";

/** A value, or what is wrong with the input in one line. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

const FORM = '{"read": ["0x802", ...], "write": [...]}';

function wrong(error: string): { ok: false; error: string } {
  return { ok: false, error };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value from the input, short enough for an error line. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}

function parseMsr(value: unknown): number | null {
  const hex = typeof value === "string" && /^0x[0-9a-f]{1,8}$/i.test(value);
  const msr = hex ? Number(value) : value;
  if (typeof msr !== "number" || !Number.isInteger(msr)) return null;
  return msr >= X2APIC_MSR_FIRST && msr <= X2APIC_MSR_LAST ? msr : null;
}

function parseMsrs(value: unknown, key: Access): Parsed<number[]> {
  if (value === undefined) return wrong(`"${key}" is missing; expected ${FORM}`);
  if (!Array.isArray(value)) return wrong(`"${key}" must be a list such as ["0x802"], not ${shown(value)}`);
  const msrs = new Set<number>();
  for (const [index, entry] of value.entries()) {
    const msr = parseMsr(entry);
    if (msr === null) {
      const range = `${msrHex(X2APIC_MSR_FIRST)}..${msrHex(X2APIC_MSR_LAST)}`;
      return wrong(`"${key}"[${index}] must be an MSR of ${range} such as "0x802", not ${shown(entry)}`);
    }
    msrs.add(msr);
  }
  return { ok: true, value: [...msrs].sort((a, b) => a - b) };
}

/** What `avicbot sets --json` prints holds a set for each scenario; the table is about the active one. */
function activeSet(value: unknown): unknown {
  return isObject(value) && isObject(value["sets"]) ? value["sets"]["active"] : value;
}

function parseSet(value: unknown): Parsed<AccessSet> {
  if (!isObject(value)) return wrong(`expected ${FORM}, not ${shown(value)}`);
  const unknown = Object.keys(value).find((key) => !ACCESSES.includes(key as Access));
  if (unknown !== undefined) return wrong(`unknown key ${shown(unknown)}; expected ${FORM}`);
  const read = parseMsrs(value["read"], "read");
  if (!read.ok) return read;
  const write = parseMsrs(value["write"], "write");
  if (!write.ok) return write;
  return { ok: true, value: { read: read.value, write: write.value } };
}

/**
 * Reads `{"read": ["0x802", …], "write": […]}`, or the output of `avicbot sets --json`, whose active set
 * it takes. Order and duplicates do not matter. An error names `source`, the key and the entry.
 */
export function parseAccessSet(text: string, source: string): Parsed<AccessSet> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return wrong(`${source}: not JSON; expected ${FORM}`);
  }
  const set = parseSet(activeSet(value));
  return set.ok ? set : wrong(`${source}: ${set.error}`);
}

/** The rows between two sets when no tree is at hand: KVM answers as Linux 6.12 and later do. */
export function rowsOfSets(old: AccessSet, now: AccessSet, profile: Profile): Row[] {
  const answers = usualAnswers("posted");
  return buildRows({ old, new: now, oldAnswers: answers, newAnswers: answers, profile });
}
