/** The values of number, character and string literals (C11 6.4.4, 6.4.5). */
import type { Integer } from "./arithmetic.ts";
import { convertInteger } from "./arithmetic.ts";
import { INT, type IntType, LONG, LONG_LONG, UNSIGNED, UNSIGNED_LONG, UNSIGNED_LONG_LONG } from "./types.ts";

export interface NumberLiteral {
  readonly type: IntType;
  readonly value: Integer;
}

const INTEGER =
  /^(?:(?<hex>0[xX][0-9a-fA-F]+)|(?<binary>0[bB][01]+)|(?<octal>0[0-7]*)|(?<decimal>[1-9][0-9]*))(?<suffix>[uUlL]*)$/;

/** null for what is no integer constant (floating, malformed, too large). */
export function numberLiteral(text: string): NumberLiteral | null {
  const groups = text.length > 100 ? undefined : INTEGER.exec(text)?.groups;
  if (groups === undefined) return null;
  const suffix = (groups["suffix"] ?? "").toLowerCase();
  if (!["", "u", "l", "ul", "lu", "ll", "ull", "llu"].includes(suffix)) return null;
  const digits = groups["hex"] ?? groups["binary"] ?? groups["decimal"];
  const value = BigInt(digits ?? octal(groups["octal"] ?? "0"));
  const type = candidates(suffix, groups["decimal"] !== undefined).find((each) => holds(each, value));
  return type === undefined ? null : { type, value: convertInteger(value, type) };
}

function octal(text: string): string {
  return text === "0" ? "0" : `0o${text.slice(1)}`;
}

function holds(type: IntType, value: bigint): boolean {
  return value < 1n << BigInt(type.signed ? type.bits - 1 : type.bits);
}

const SIGNED = [INT, LONG, LONG_LONG];
const UNSIGNED_TYPES = [UNSIGNED, UNSIGNED_LONG, UNSIGNED_LONG_LONG];
const BOTH = [INT, UNSIGNED, LONG, UNSIGNED_LONG, LONG_LONG, UNSIGNED_LONG_LONG];

/** The types a constant may have, smallest first (C11 6.4.4.1 p5). */
function candidates(suffix: string, decimal: boolean): readonly IntType[] {
  const types = suffix.includes("u") ? UNSIGNED_TYPES : decimal ? SIGNED : BOTH;
  if (suffix === "" || suffix === "u") return types;
  const least = suffix.includes("ll") ? 2 : 1;
  return types.slice(types === BOTH ? 2 * least : least);
}

/** A character constant has type int; several characters pack as gcc does. */
export function characterLiteral(text: string, charSigned: boolean): number | null {
  const start = text.indexOf("'");
  if (start !== 0) return null; // L'x' and u'x' are not used in the kernel
  const bytes = unescaped(text.slice(1, -1));
  if (bytes.length === 0 || bytes.length > 4) return null;
  if (bytes.length === 1) return charSigned ? ((bytes[0] ?? 0) << 24) >> 24 : (bytes[0] ?? 0);
  return bytes.reduce((value, byte) => (value << 8) | byte, 0);
}

/** The bytes of adjacent string literals, with the closing 0. */
export function stringLiteral(parts: readonly string[]): Uint8Array {
  const bytes: number[] = [];
  for (const part of parts) {
    const body = part.slice(part.indexOf('"') + 1, -1);
    for (const byte of unescaped(body)) bytes.push(byte);
  }
  return Uint8Array.from([...bytes, 0]);
}

const SIMPLE: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
};

function unescaped(text: string): number[] {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "\\") {
      bytes.push(text.charCodeAt(i) & 0xff);
      continue;
    }
    const escape = /^(?:x(?<hex>[0-9a-fA-F]+)|(?<octal>[0-7]{1,3})|(?<one>[^]))/.exec(
      text.slice(i + 1, i + 20),
    );
    bytes.push(escapeValue(escape?.groups ?? {}));
    i += escape?.[0].length ?? 0;
  }
  return bytes;
}

function escapeValue(groups: Record<string, string | undefined>): number {
  if (groups["hex"] !== undefined) return Number.parseInt(groups["hex"], 16) & 0xff;
  if (groups["octal"] !== undefined) return Number.parseInt(groups["octal"], 8) & 0xff;
  const one = groups["one"] ?? "\\";
  return SIMPLE[one] ?? one.charCodeAt(0) & 0xff;
}
