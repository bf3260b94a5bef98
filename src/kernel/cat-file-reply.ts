/** Reads what `git cat-file --batch` prints, in whatever pieces it comes. */

export type Reply =
  | {
      readonly kind: "object";
      readonly id: string;
      readonly type: string;
      /** Byte string; null when the object is larger than asked for. */
      readonly content: string | null;
    }
  | { readonly kind: "missing" }
  | { readonly kind: "ambiguous" };

/** What is no reply at all: the caller must not go on reading. */
interface Nonsense {
  readonly kind: "nonsense";
}

export interface ReplyReader {
  push(data: Buffer): (Reply | Nonsense)[];
}

interface Open {
  readonly id: string;
  readonly type: string;
  readonly kept: Buffer[] | null;
  /** Bytes still to come, with the line feed behind the content. */
  left: number;
}

const HEADER = /^(?<id>[0-9a-f]{40,64}) (?<type>[a-z]+) (?<size>\d{1,15})$/;
/** An object name of 4096 bytes and a word. */
const MAX_HEADER = 5000;

/** A reader of replies; content of more than `maxSize` bytes is dropped while it passes. */
export function createReplyReader(maxSize: number): ReplyReader {
  let rest: Buffer = Buffer.alloc(0);
  let open: Open | null = null;

  function takeHeader(): Reply | Nonsense | null {
    const end = rest.indexOf(0x0a);
    if (end < 0) return rest.length > MAX_HEADER ? { kind: "nonsense" } : null;
    const line = rest.toString("latin1", 0, end);
    rest = rest.subarray(end + 1);
    const groups = HEADER.exec(line)?.groups;
    if (groups === undefined) return withoutObject(line);
    const size = Number(groups["size"]);
    const kept = size > maxSize ? null : [];
    open = { id: groups["id"] ?? "", type: groups["type"] ?? "", kept, left: size + 1 };
    return null;
  }

  function takeContent(current: Open): Reply | null {
    const part = rest.subarray(0, current.left);
    rest = rest.subarray(part.length);
    current.left -= part.length;
    current.kept?.push(part);
    if (current.left > 0) return null;
    open = null;
    const content = current.kept && contentOf(current.kept);
    return { kind: "object", id: current.id, type: current.type, content };
  }

  function push(data: Buffer): (Reply | Nonsense)[] {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    const replies: (Reply | Nonsense)[] = [];
    while (rest.length > 0) {
      const before = rest.length;
      const reply = open === null ? takeHeader() : takeContent(open);
      if (reply) replies.push(reply);
      if (rest.length === before) break;
    }
    return replies;
  }

  return { push };
}

/** Without the line feed that git puts behind it. */
function contentOf(parts: readonly Buffer[]): string {
  const bytes = Buffer.concat(parts);
  return bytes.toString("latin1", 0, bytes.length - 1);
}

function withoutObject(line: string): Reply | Nonsense {
  if (line.endsWith(" missing")) return { kind: "missing" };
  if (line.endsWith(" ambiguous")) return { kind: "ambiguous" };
  return { kind: "nonsense" };
}
