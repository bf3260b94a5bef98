/**
 * The MIME tree of a mail as a flat list of leaves, found without recursion and without decoding anything.
 * Embedded messages (`message/*`) are leaves that nobody looks into: what they carry was not submitted here.
 */
import { type HeaderField, firstValue, readHeader } from "./headers.ts";
import { parseParameterised } from "./parameters.ts";
import type { Problem } from "./problem.ts";

export interface Leaf {
  /** Lower case, `text/plain` when the part names none. */
  readonly type: string;
  readonly charset: string;
  /** Lower-case Content-Transfer-Encoding. */
  readonly encoding: string;
  readonly attachment: boolean;
  readonly fileName: string;
  /** Extent of the still encoded content. */
  readonly start: number;
  readonly end: number;
}

export interface PartLimits {
  readonly depth: number;
  readonly parts: number;
  readonly headerBytes: number;
}

interface Section {
  readonly fields: readonly HeaderField[];
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly defaultType: string;
}

/** Leaves in the order in which they stand in the mail. */
export function findLeaves(
  bytes: Buffer,
  root: { fields: readonly HeaderField[]; start: number },
  limits: PartLimits,
  problems: Problem[],
): Leaf[] {
  const leaves: Leaf[] = [];
  const open: Section[] = [{ ...root, end: bytes.length, depth: 0, defaultType: "text/plain" }];
  let seen = 0;
  for (let section = open.pop(); section; section = open.pop()) {
    const leaf = describe(section);
    const children = leaf.type.startsWith("multipart/") ? split(bytes, section, limits, problems) : null;
    if (!children) {
      leaves.push(leaf);
      continue;
    }
    seen += children.length;
    if (seen > limits.parts) {
      problems.push({
        code: "too-many-parts",
        text: `more than ${limits.parts} MIME parts; the rest is left out`,
      });
      children.length = Math.max(0, children.length - (seen - limits.parts));
    }
    open.push(...children.reverse());
  }
  return leaves;
}

function describe(section: Section): Leaf {
  const type = parseParameterised(firstValue(section.fields, "content-type") ?? "");
  const disposition = parseParameterised(firstValue(section.fields, "content-disposition") ?? "");
  const encoding = parseParameterised(firstValue(section.fields, "content-transfer-encoding") ?? "");
  return {
    type: /^[^/\s]+\/[^/\s]+$/.test(type.value)
      ? type.value
      : type.value === "text"
        ? "text/plain"
        : section.defaultType,
    charset: type.parameters.get("charset") ?? "",
    encoding: encoding.value,
    attachment: disposition.value === "attachment",
    fileName: disposition.parameters.get("filename") ?? type.parameters.get("name") ?? "",
    start: section.start,
    end: section.end,
  };
}

/** The parts of a multipart, or null (with a problem) when it cannot be taken apart and counts as a leaf. */
function split(bytes: Buffer, section: Section, limits: PartLimits, problems: Problem[]): Section[] | null {
  const type = parseParameterised(firstValue(section.fields, "content-type") ?? "");
  const boundary = (type.parameters.get("boundary") ?? "").trimEnd();
  if (boundary === "")
    return refuse(problems, "no-boundary", "a multipart without a boundary is read as text");
  if (section.depth >= limits.depth) {
    problems.push({ code: "too-deep", text: `MIME parts deeper than ${limits.depth} are left out` });
    return [];
  }
  const extents = findExtents(bytes, section, boundary, limits.parts + 1);
  if (extents.length === 0)
    return refuse(problems, "boundary-not-found", "a multipart whose boundary never occurs is read as text");
  const defaultType = type.value === "multipart/digest" ? "message/rfc822" : "text/plain";
  return extents.map(({ start, end }) => {
    const header = readHeader(bytes, start, end, limits.headerBytes);
    return { fields: header.fields, start: header.bodyStart, end, depth: section.depth + 1, defaultType };
  });
}

function refuse(problems: Problem[], code: string, text: string): null {
  problems.push({ code, text });
  return null;
}

interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Extents between the delimiter lines; a missing close delimiter ends the last part with the section. */
function findExtents(bytes: Buffer, section: Section, boundary: string, limit: number): Extent[] {
  const region = bytes.subarray(0, section.end);
  const mark = Buffer.from(`--${boundary}`, "latin1");
  const extents: Extent[] = [];
  let partStart = -1;
  let at = region.indexOf(mark, section.start);
  for (; at >= 0 && extents.length < limit; at = region.indexOf(mark, at + mark.length)) {
    const delimiter = readDelimiter(region, at, mark.length, section.start);
    if (!delimiter) continue;
    if (partStart >= 0)
      extents.push({ start: partStart, end: Math.max(partStart, lineEndBefore(region, at)) });
    partStart = delimiter.close ? -1 : delimiter.next;
    if (delimiter.close) return extents;
  }
  if (partStart >= 0 && extents.length < limit) extents.push({ start: partStart, end: section.end });
  return extents;
}

/** Only a delimiter alone on its line counts, blanks behind it allowed (RFC 2046 5.1.1). */
function readDelimiter(
  region: Buffer,
  at: number,
  size: number,
  sectionStart: number,
): { close: boolean; next: number } | null {
  if (at > sectionStart && region[at - 1] !== 0x0a) return null;
  let end = at + size;
  const close = region[end] === 0x2d && region[end + 1] === 0x2d;
  if (close) end += 2;
  while (region[end] === 0x20 || region[end] === 0x09 || region[end] === 0x0d) end++;
  if (end < region.length && region[end] !== 0x0a) return close ? { close, next: end } : null;
  return { close, next: Math.min(end + 1, region.length) };
}

/** The line end before a delimiter belongs to the delimiter. */
function lineEndBefore(region: Buffer, at: number): number {
  return region[at - 2] === 0x0d ? at - 2 : at - 1;
}
