/** Waiting for files to change: told by the system where it can, by the clock where it cannot. */
import { watch, type FSWatcher } from "node:fs";

export interface Waker {
  /** Resolves after `milliseconds`, or as soon as something changed since the last wait, or on abort. */
  wait(milliseconds: number): Promise<void>;
  close(): void;
}

/** Watches files and directories; those that cannot be watched are left to the clock. */
export function watchPaths(paths: readonly string[], signal: AbortSignal): Waker {
  let changed = false;
  let wake: (() => void) | null = null;
  const notice = () => {
    changed = true;
    wake?.();
  };
  const watchers = paths.flatMap((path) => tryWatch(path, notice));
  signal.addEventListener("abort", notice, { once: true });
  return {
    wait: async (milliseconds) => {
      if (!changed && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = null;
      changed = false;
    },
    close: () => {
      signal.removeEventListener("abort", notice);
      watchers.forEach((watcher) => watcher.close());
    },
  };
}

function tryWatch(path: string, notice: () => void): FSWatcher[] {
  try {
    const watcher = watch(path, notice);
    watcher.on("error", () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
