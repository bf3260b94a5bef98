/** Values such as `text/plain; charset=x`: a token and its parameters (RFC 2045 5.1, RFC 2231). */
import { readQuoted } from "./addresses.ts";
import { bytesOf, decodeBytes, withoutControls } from "./charset.ts";
import { decodeHeaderText } from "./encoded-words.ts";

export interface Parameterised {
  /** Lower case, e.g. `text/plain`; empty if the value starts with none. */
  readonly value: string;
  /** By lower-case name; the first of a name counts. */
  readonly parameters: ReadonlyMap<string, string>;
}

const MAX_PARAMETERS = 200;
const GAP = /[;\s]*/y;
const NAME = /([^\s=;"]{1,100})\s*=\s*/y;

/** Reads a Content-Type or Content-Disposition value. */
export function parseParameterised(raw: string): Parameterised {
  const semicolon = raw.indexOf(";");
  const head = semicolon < 0 ? raw : raw.slice(0, semicolon);
  const value = withoutComments(head).trim().toLowerCase().slice(0, 200);
  const pairs = semicolon < 0 ? [] : readPairs(raw, semicolon);
  return { value, parameters: joinSections(pairs) };
}

function withoutComments(text: string): string {
  const open = text.indexOf("(");
  return open < 0 ? text : text.slice(0, open);
}

function readPairs(raw: string, start: number): [string, string][] {
  const pairs: [string, string][] = [];
  let at = start;
  while (at < raw.length && pairs.length < MAX_PARAMETERS) {
    GAP.lastIndex = at;
    GAP.test(raw);
    at = NAME.lastIndex = GAP.lastIndex;
    const name = NAME.exec(raw);
    if (name) {
      const { text, end } = readValue(raw, NAME.lastIndex);
      pairs.push([(name[1] ?? "").toLowerCase(), text]);
      at = end;
    }
    const semicolon = raw.indexOf(";", at);
    at = semicolon < 0 ? raw.length : semicolon + 1;
  }
  return pairs;
}

function readValue(raw: string, at: number): { text: string; end: number } {
  if (raw[at] !== '"') {
    const semicolon = raw.indexOf(";", at);
    const end = semicolon < 0 ? raw.length : semicolon;
    return { text: raw.slice(at, end).trim(), end };
  }
  return readQuoted(raw, at);
}

/** Joins `name*0`, `name*1*` … in their order and decodes `charset'language'%41`. */
function joinSections(pairs: readonly [string, string][]): Map<string, string> {
  const result = new Map<string, string>();
  const sections = new Map<string, { order: number; encoded: boolean; text: string }[]>();
  for (const [name, text] of pairs) {
    const section = /^([^*]+)\*(?:(\d{1,3})(\*)?)?$/.exec(name);
    if (!section) {
      if (!result.has(name)) result.set(name, decodeHeaderText(text));
      continue;
    }
    const [, base = "", order, star] = section;
    const list = sections.get(base) ?? [];
    list.push({ order: Number(order ?? 0), encoded: order === undefined || star !== undefined, text });
    sections.set(base, list);
  }
  for (const [base, list] of sections) result.set(base, decodeSections(list));
  return result;
}

function decodeSections(list: { order: number; encoded: boolean; text: string }[]): string {
  const ordered = [...list].sort((a, b) => a.order - b.order);
  const first = ordered[0];
  const [, charset = "", rest = null] =
    (first?.encoded && /^([^']{0,60})'[^']{0,40}'(.*)$/s.exec(first.text)) || [];
  const bytes = ordered.map((section, at) => {
    const text = at === 0 && rest !== null ? rest : section.text;
    return section.encoded ? percentBytes(text) : bytesOf(text);
  });
  return withoutControls(decodeBytes(Buffer.concat(bytes), charset).text);
}

function percentBytes(text: string): Buffer {
  const unescaped = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return bytesOf(unescaped);
}
