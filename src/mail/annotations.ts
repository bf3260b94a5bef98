/** What a cover or patch says about its series, in lines that git and b4 write. */

export interface Annotations {
  readonly baseCommit: string | null;
  readonly changeId: string | null;
  /** Message-IDs, change-ids and patch-ids that have to be applied before. */
  readonly prerequisites: readonly string[];
  /** Message-IDs of the version that this one takes the place of. */
  readonly supersedes: readonly string[];
}

const MAX_VALUES = 200;
const LINE =
  /^(base-commit|change-id|prerequisite-patch-id|prerequisite-message-id|prerequisite-change-id|based-on|depends-on|supersedes):[ \t]*(\S[^\n]{0,400})$/gim;
const COMMIT = /^[0-9a-f]{7,64}$/;

/**
 * Reads the lines of a text. They count only in the first column: a quoted line, or one of a diff, is none. A
 * value that does not look like what it should be is passed over.
 */
export function readAnnotations(text: string): Annotations {
  const values = new Map<string, string[]>();
  for (const [, key = "", value = ""] of text.matchAll(LINE)) {
    const list = values.get(key.toLowerCase()) ?? [];
    if (list.length < MAX_VALUES) list.push(value.trim());
    values.set(key.toLowerCase(), list);
  }
  const all = (...keys: string[]) => keys.flatMap((key) => values.get(key) ?? []);
  const messageIds = all("prerequisite-message-id", "based-on", "depends-on").map(readId);
  const others = [...all("prerequisite-patch-id"), ...all("prerequisite-change-id")].map(readWord);
  return {
    baseCommit:
      all("base-commit")
        .map(readWord)
        .find((value) => COMMIT.test(value)) ?? null,
    changeId:
      all("change-id")
        .map(readWord)
        .find((value) => /^[\w.-]{1,200}$/.test(value)) ?? null,
    prerequisites: unique([...messageIds, ...others]),
    supersedes: unique(all("supersedes").map(readId)),
  };
}

function readWord(value: string): string {
  return /^[\w.:-]+/.exec(value)?.[0] ?? "";
}

/** `<id>`, a bare id, or the id at the end of an archive's address. */
function readId(value: string): string {
  const bracketed = /<([^<>\s]+)>/.exec(value)?.[1];
  if (bracketed !== undefined) return bracketed;
  const url = /^https?:\/\/[^/\s]+\/(?:[^/\s]+\/)*?([^/\s]+@[^/\s]+)\/?$/.exec(value)?.[1];
  return url ?? (/^[^\s<>]+@[^\s<>]+$/.test(value) ? value : "");
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value !== "");
}
