/**
 * The subject grammar of patch mails, as b4 reads it: `[PATCH v3 2/5] title`, `[PATCHv3]`, `[RFC PATCH 0/3]`,
 * `[PATCH6/5]`, `[PATCH 1 of 3]`, brackets in brackets, commas, and chains of `Re:`.
 */

export interface SubjectTag {
  /** The brackets say PATCH or RFC or hold a counter or a version. */
  readonly isPatch: boolean;
  readonly isReply: boolean;
  readonly rfc: boolean;
  readonly resend: boolean;
  /** 1 unless a usable version is given. */
  readonly version: number;
  /** Part number, 0 for the cover; null if the subject has no usable counter (the mail stands alone). */
  readonly index: number | null;
  /** Number of parts; null exactly when `index` is. The index of a part sent later may be above it. */
  readonly total: number | null;
  /** The other words in the brackets, as written, in their order. */
  readonly prefixes: readonly string[];
  /** The stable series a backport is for, e.g. `6.1`. */
  readonly stable: string | null;
  /** The repository other than the kernel that a prefix names, in lower case. */
  readonly foreign: string | null;
  readonly pull: boolean;
  readonly title: string;
}

/** No series has more parts or versions; larger numbers are an accident or an attack. */
const MAX_COUNTER = 999;
/** More than any subject; keeps hostile ones cheap. */
const MAX_SUBJECT = 4096;

const REPLY_MARK =
  /(?:re|aw|antw|antwort|sv|vs|vá|odp|res|rif|rép|tr|wg|fwd?|fw|enc|回复|答复|转发|回覆|轉寄)\s{0,3}(?:[[^(]?\d{1,4}[\])]?)?\s{0,3}[:：]\s{0,9}/iy;
/** As b4: a short word before the first bracket is a reply mark of some language; behind it, it is a subsystem. */
const SHORT_WORD = /\w{2,3}:\s{0,9}(?=\[)/y;

const FOREIGN = new Set(
  (
    "kvm-unit-tests kvm-unit-test kut kvmtool lkvm qemu qemu-devel qemu-kvm qemu-ppc qemu-arm qemu-s390x libvirt " +
    "libvirt-python edk2 edk2-devel ovmf seabios virglrenderer iproute2 iproute2-next ethtool pahole dwarves ltp b4 " +
    "xen xen-devel xentools opensbi u-boot kexec-tools crash crash-utility trace-cmd util-linux man-pages numactl " +
    "rt-tests mdadm nvme-cli btrfs-progs xfsprogs fstests xfstests blktests stgit tools-qemu firecracker"
  ).split(" "),
);

interface Counter {
  readonly index: number;
  readonly total: number;
}

/** Reads a decoded subject. Linear; anything that is no tag is title. */
export function parseSubject(subject: string): SubjectTag {
  const text = subject.slice(0, MAX_SUBJECT).replace(/\s+/g, " ").trim();
  let rest = skipReplyMarks(text, [REPLY_MARK, SHORT_WORD]);
  let isReply = rest.length < text.length;
  const words: string[] = [];
  for (let bracket = readBracket(rest); bracket; bracket = readBracket(rest)) {
    words.push(...splitWords(bracket.content));
    rest = bracket.rest;
    const behind = skipReplyMarks(rest, [REPLY_MARK]);
    isReply ||= behind.length < rest.length;
    rest = behind;
  }
  return describe(words, isReply, rest);
}

function skipReplyMarks(text: string, marks: readonly RegExp[]): string {
  let at = 0;
  for (;;) {
    const mark = marks.find((one) => {
      one.lastIndex = at;
      return one.test(text);
    });
    if (mark === undefined) return text.slice(at);
    at = mark.lastIndex;
  }
}

/** The bracket at the start, up to the one that closes it, or up to the first closing one if none does. */
function readBracket(text: string): { content: string; rest: string } | null {
  if (!text.startsWith("[")) return null;
  let depth = 0;
  let close = -1;
  for (let at = 0; at < text.length && close < 0; at++) {
    if (text[at] === "[") depth++;
    else if (text[at] === "]" && --depth === 0) close = at;
  }
  if (close < 0) close = text.indexOf("]");
  return close < 0 ? null : { content: text.slice(1, close), rest: text.slice(close + 1).trimStart() };
}

/** Words of a bracket: `PATCHv3` and `PATCH6/5` come apart, `1 of 3` becomes `1/3`. */
function splitWords(content: string): string[] {
  return content
    .replace(/[[\]]/g, " ")
    .replace(/(^|\s)(\d{1,4}) of (\d{1,4})(?=\s|$)/gi, "$1$2/$3")
    .replace(/(patch|rfc)(?=v\d|\d{1,4}\/)/gi, "$1 ")
    .split(/[\s,;]+/)
    .filter((word) => word !== "");
}

function describe(words: readonly string[], isReply: boolean, title: string): SubjectTag {
  const patch = words.some((word) => /^patch/i.test(word));
  const rfc = words.some((word) => /^rfc/i.test(word));
  const counter = words.map(readCounter).findLast((found) => found !== null) ?? null;
  const version = words.map(readVersion).findLast((found) => found !== null) ?? null;
  const prefixes = words.filter(isPrefix);
  return {
    isPatch: patch || rfc || counter !== null || version !== null,
    isReply,
    rfc,
    resend: words.some((word) => /^resen[dt]/i.test(word)),
    version: version ?? 1,
    index: counter?.index ?? null,
    total: counter?.total ?? null,
    prefixes,
    stable: prefixes.map(readStable).find((found) => found !== null) ?? null,
    foreign: prefixes.map((word) => word.toLowerCase()).find((word) => FOREIGN.has(word)) ?? null,
    pull: words.some((word) => /^pull$/i.test(word)),
    title: title.trim(),
  };
}

function isPrefix(word: string): boolean {
  return !/^(?:patch|rfc|resen[dt])/i.test(word) && readCounter(word) === null && readVersion(word) === null;
}

function readCounter(word: string): Counter | null {
  const found = /^(\d{1,4})\/(\d{1,4})$/.exec(word);
  const index = Number(found?.[1]);
  const total = Number(found?.[2]);
  return found && total >= 1 && total <= MAX_COUNTER && index <= MAX_COUNTER ? { index, total } : null;
}

function readVersion(word: string): number | null {
  const found = /^v\.?(\d{1,3})$/i.exec(word);
  return found ? Math.max(1, Number(found[1])) : null;
}

/** `6.1`, `6.1.y`, `5.15-stable`, `linux-6.1.y`, and the newest of a range such as `6.17-5.15`. */
function readStable(word: string): string | null {
  return /^(?:linux-)?(\d\.\d{1,3})(?:\.y|\.\d{1,3})?(?:-.{0,20})?$/i.exec(word)?.[1] ?? null;
}
