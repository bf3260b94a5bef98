/** The text of a mail as `git am` would get it. */
import { utf8Bytes } from "./charset.ts";
import type { Leaf } from "./parts.ts";
import type { Problem } from "./problem.ts";
import { decodeBase64, decodeQuotedPrintable, decodeUuencode } from "./transfer.ts";

const DIFF_START = /^(?:diff --git |Index: \S|--- \S.*\r?\n\+\+\+ \S)/m;
const PATCH_TYPE = /^text\/(?:x-)?(?:patch|diff)$/;
const PATCH_NAME = /\.(?:patch|diff)(?:\.txt)?$/i;

/**
 * The UTF-8 byte string with LF of the shown plain text parts. If they hold no diff, the first attachment that
 * is a patch by its type or name is added, as `git am` reads attachments too. At most `limit` bytes.
 */
export function patchTextOf(
  bytes: Buffer,
  leaves: readonly Leaf[],
  limit: number,
  problems: Problem[],
): string {
  const shown = leaves.filter(isShownText).map((leaf) => decodeLeaf(bytes, leaf, limit, problems));
  const text = shown.map((part) => (part === "" || part.endsWith("\n") ? part : `${part}\n`)).join("");
  if (shown.length === 0 && leaves.some((leaf) => leaf.type === "text/html"))
    problems.push({ code: "html-only", text: "the mail has no plain text part" });
  if (DIFF_START.test(text)) return cap(text, limit, problems);
  for (const leaf of leaves.filter(mayBePatchFile)) {
    const attached = decodeLeaf(bytes, leaf, limit, problems);
    if (DIFF_START.test(attached)) return cap(text + attached, limit, problems);
  }
  return cap(text, limit, problems);
}

/**
 * What the sender wrote: the first shown plain text part, as byte string with LF. Further parts are attached
 * patches, forwarded mails and what a list adds at the end.
 */
export function ownTextOf(bytes: Buffer, leaves: readonly Leaf[], limit: number): string {
  const own = leaves.find((leaf) => leaf.type === "text/plain" && isShownText(leaf));
  return own === undefined ? "" : decodeLeaf(bytes, own, limit, []).slice(0, limit);
}

function isShownText(leaf: Leaf): boolean {
  const text = leaf.type === "text/plain" || PATCH_TYPE.test(leaf.type) || leaf.type.startsWith("multipart/");
  return text && !leaf.attachment;
}

function mayBePatchFile(leaf: Leaf): boolean {
  if (isShownText(leaf) || leaf.type.startsWith("message/")) return false;
  return (
    leaf.type === "text/plain" ||
    PATCH_TYPE.test(leaf.type) ||
    PATCH_NAME.test(leaf.fileName) ||
    isOpaque(leaf)
  );
}

/** Octet streams without a name are what some mailers make of a whole patch mail. */
function isOpaque(leaf: Leaf): boolean {
  return leaf.type === "application/octet-stream" && leaf.fileName === "";
}

function decodeLeaf(bytes: Buffer, leaf: Leaf, limit: number, problems: Problem[]): string {
  // Base64 and quoted-printable shrink: four times the limit is always enough to fill it.
  const raw = bytes.subarray(leaf.start, Math.min(leaf.end, leaf.start + 4 * limit));
  const decoded = decodeTransfer(raw, leaf.encoding, problems);
  const { text, known } = utf8Bytes(decoded, leaf.charset);
  if (!known)
    problems.push({
      code: "unknown-charset",
      text: `unknown charset ${JSON.stringify(leaf.charset.slice(0, 60))}`,
    });
  return text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text;
}

function decodeTransfer(raw: Buffer, encoding: string, problems: Problem[]): Buffer {
  switch (encoding) {
    case "base64":
      return decodeBase64(raw);
    case "quoted-printable":
      return decodeQuotedPrintable(raw);
    case "x-uuencode":
    case "x-uue":
    case "uuencode":
      return decodeUuencode(raw);
    case "":
    case "7bit":
    case "8bit":
    case "binary":
      return raw;
    default:
      problems.push({
        code: "unknown-encoding",
        text: `unknown transfer encoding ${JSON.stringify(encoding.slice(0, 60))}, read as 8bit`,
      });
      return raw;
  }
}

function cap(text: string, limit: number, problems: Problem[]): string {
  if (text.length <= limit) return text;
  problems.push({ code: "text-cut", text: `the text is longer than ${limit} bytes; the rest is left out` });
  return text.slice(0, limit);
}
