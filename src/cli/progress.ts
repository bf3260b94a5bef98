import type { Io } from "./io.ts";

export interface Progress {
  /** Shows that the next item is being worked on. */
  readonly next: (title: string) => void;
  /** Takes the line away, before something else is printed. */
  readonly clear: () => void;
}

const SHOWN = 60;

/** One line on stderr for work on several items; nothing at all unless stderr is a terminal. */
export function createProgress(io: Io, total: number): Progress {
  if (!io.progress || total < 2) return { next: () => {}, clear: () => {} };
  let count = 0;
  return {
    next: (title) => {
      count += 1;
      const name = title.replace(/[^\x20-\x7e]/g, "?").slice(0, SHOWN);
      io.err(`\r\x1b[K${count}/${total} ${name}`);
    },
    clear: () => io.err("\r\x1b[K"),
  };
}
