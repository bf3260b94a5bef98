/** Sets of accesses written down as JSON, for `avicbot table`. */
import { readFileSync } from "node:fs";
import { ACCESSES, X2APIC_MSR_FIRST, X2APIC_MSR_LAST } from "../x2apic.ts";
import type { Access, AccessSet } from "../x2apic.ts";
import { CliError } from "./exit.ts";

const SHAPE = 'expected {"read": ["0x802", ...], "write": [...]}';

function parseMsr(value: unknown): number | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^(?:0x[0-9a-f]+|[0-9]+)$/i.test(text)) return null;
  const msr = Number(text);
  return msr >= X2APIC_MSR_FIRST && msr <= X2APIC_MSR_LAST ? msr : null;
}

function parseList(value: unknown, access: Access): number[] {
  if (!Array.isArray(value)) throw new Error(`no list under "${access}": ${SHAPE}`);
  const msrs = value.map((item: unknown) => {
    const msr = parseMsr(item);
    if (msr === null) throw new Error(`${JSON.stringify(item)} under "${access}" is no MSR of 0x800..0x8FF`);
    return msr;
  });
  return [...new Set(msrs)].sort((a, b) => a - b);
}

/** Parses the JSON text of a set; throws an Error that says what is wrong with it. */
export function parseAccessSet(text: string): AccessSet {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(SHAPE);
  const unknown = Object.keys(value).filter((key) => !(ACCESSES as readonly string[]).includes(key));
  if (unknown.length > 0) throw new Error(`unknown key "${unknown[0]}": ${SHAPE}`);
  const lists = value as Record<Access, unknown>;
  return { read: parseList(lists.read, "read"), write: parseList(lists.write, "write") };
}

/** Reads a set from a file; whatever is wrong ends the verb with the file's name. */
export function readAccessSet(file: string): AccessSet {
  try {
    return parseAccessSet(readFileSync(file, "utf8"));
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`);
  }
}
