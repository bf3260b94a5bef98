/** Integer and character constants as the preprocessor reads them: all arithmetic in 64 bits (C11 6.10.1). */

/** A value of intmax_t or uintmax_t. */
export interface WideInteger {
  readonly value: bigint;
  readonly isUnsigned: boolean;
}

const NUMBER =
  /^(?:0[xX](?<hex>[0-9a-fA-F]+)|0[bB](?<binary>[01]+)|(?<digits>\d+))(?<suffix>[uU]?[lL]{0,2}|[lL]{1,2}[uU])$/;
const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};
const LONGEST_NUMBER = 80;

/** The value of an integer constant; null if the text is none or does not fit in 64 bits. */
export function parseInteger(text: string): WideInteger | null {
  const groups = text.length > LONGEST_NUMBER ? undefined : NUMBER.exec(text)?.groups;
  if (!groups) return null;
  const { hex, binary, digits = "", suffix = "" } = groups;
  if (digits.length > 1 && digits.startsWith("0") && /[89]/.test(digits)) return null;
  const value = BigInt(hex ? `0x${hex}` : binary ? `0b${binary}` : octalOrDecimal(digits));
  if (value >= 1n << 64n) return null;
  return { value: BigInt.asIntN(64, value), isUnsigned: /[uU]/.test(suffix) || value >= 1n << 63n };
}

function octalOrDecimal(digits: string): string {
  return digits.length > 1 && digits.startsWith("0") ? `0o${digits.slice(1)}` : digits;
}

/** The value of a character constant, as gcc has it: chars are signed, several chars shift by eight; null if malformed. */
export function parseCharacter(text: string): bigint | null {
  const open = text.indexOf("'");
  const codes = unescape(text.slice(open + 1, -1));
  if (codes === null || codes.length === 0 || codes.length > 4) return null;
  const value = codes.reduce((sum, code) => (sum << 8n) | BigInt(code & 255), 0n);
  return codes.length === 1 && open === 0 ? BigInt.asIntN(8, value) : BigInt.asIntN(32, value);
}

/** The bytes a literal's content stands for; null if an escape is malformed. */
function unescape(content: string): number[] | null {
  const codes: number[] = [];
  const pattern = /\\(?:x(?<hex>[0-9a-fA-F]{1,8})|(?<octal>[0-7]{1,3})|(?<simple>[^x0-7]))|(?<plain>[^\\])/gy;
  let end = 0;
  for (const match of content.matchAll(pattern)) {
    const { hex, octal, simple, plain } = match.groups ?? {};
    if (hex) codes.push(parseInt(hex, 16));
    else if (octal) codes.push(parseInt(octal, 8));
    else if (simple) codes.push(SIMPLE_ESCAPES[simple] ?? simple.charCodeAt(0));
    else codes.push((plain ?? "\0").charCodeAt(0));
    end = match.index + match[0].length;
  }
  return end === content.length ? codes : null;
}
