/** What may be handed to git as the name of a revision or an object. */

const HEX = /^[0-9a-f]{7,64}$/;
/** `kvm/next`, `v6.12`, `HEAD~3`: a ref name in ASCII, then steps to ancestors. */
const REVISION = /^[A-Za-z0-9_][A-Za-z0-9_.\/+@-]{0,250}(?:[~^]\d{0,6}){0,8}$/;

/** A commit or blob id, abbreviated or not. */
export function isObjectId(text: string): boolean {
  return HEX.test(text);
}

/** A whole id, of sha1 or sha256. */
export function isFullId(text: string): boolean {
  return HEX.test(text) && (text.length === 40 || text.length === 64);
}

/**
 * Whether a text can only be an id, a ref or an ancestor of one: no option, no path, no range, no search in
 * the log.
 */
export function isRevision(text: string): boolean {
  return REVISION.test(text) && !text.includes("..") && !text.includes("//");
}
