/** Text from a mail before it may stand in a header or in the body of the reply. Every such text is hostile. */

/** C0 and C1 controls, line and paragraph separators, lone surrogates. */
const CONTROLS = /[\p{Cc}\u2028\u2029\p{Cs}]/gu;
/** Invisible characters and those that turn the direction of the text (RFC 3454, table C.8; Trojan Source). */
const INVISIBLE = /\p{Cf}/gu;

/** One line without controls and invisible characters, blanks folded, at most `max` characters. */
export function cleanLine(text: string, max = 300): string {
  const cut = text.slice(0, max * 4);
  const line = cut.replace(INVISIBLE, "").replace(CONTROLS, " ").replace(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 3).join("")}...`;
}

/** A line of code or of a patch: tabs and indentation stay, controls and trailing blanks go. */
export function cleanCode(text: string, max = 200): string {
  const line = text.slice(0, max).trimEnd().replace(INVISIBLE, "?");
  return line.replace(/[^\P{Cc}\t]|[\u2028\u2029\p{Cs}]/gu, "?").trimEnd();
}

/**
 * The address if it is one that may receive mail: plain ASCII, a dot-atom and a domain (RFC 5321, 4.5.3.1 for
 * the lengths). Quoted local parts, literals and whatever else is legal but odd gives null.
 */
export function cleanAddress(address: string): string | null {
  if (address.length > 254) return null;
  return /^[\w!#$%&'*+/=?^`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(address)
    ? address
    : null;
}

/** A message-id without angle brackets that fits a header line of RFC 5322: printable ASCII, no blanks. */
export function isUsableId(id: string): boolean {
  return id.length <= 990 && /^[\x21-\x3b\x3d\x3f-\x7e]+$/.test(id);
}
