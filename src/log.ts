/**
 * Structured logs. Every line about a message carries `messageId`, every line about a series `series`:
 * make a child logger with them. Secrets never reach a logger; what may hold one is masked here again.
 */
import { pino, type Logger } from "pino";

export type { Logger } from "pino";

/** Logs go to stderr: stdout belongs to what a verb prints. What cannot be written is kept up to `maxLength` bytes. */
const STDERR = { fd: 2, sync: true, maxLength: 1024 * 1024 } as const;

/** A log on a full disk ends no service. */
function openStderr(more: { readonly minLength?: number; readonly periodicFlush?: number } = {}) {
  return pino.destination({ ...STDERR, ...more }).on("error", () => undefined);
}

function options(level: string) {
  return { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
}

export function createLogger(level: string): Logger {
  const paths = [
    "password",
    "*.password",
    "auth",
    "*.auth",
    "url",
    "*.url",
    "redisUrl",
    "*.redisUrl",
    "tokens",
  ];
  return pino({ ...options(level), redact: { paths, censor: "***" } }, openStderr());
}

/** A log of many lines a second: they are written some at a time. */
export interface BusyLog {
  readonly log: Logger;
  /** To be called at the end. */
  readonly flush: () => void;
}

/** Its lines hold nothing secret: looking for that in each takes longer than writing it. */
export function createBusyLog(level: string): BusyLog {
  const destination = openStderr({ minLength: 4096, periodicFlush: 200 });
  return { log: pino(options(level), destination), flush: () => destination.flushSync() };
}

/** What a log line and a dead letter say of an error: its code and its first line. */
export function describeError(error: unknown): { code: string | null; text: string } {
  if (!(error instanceof Error)) return { code: null, text: String(error) };
  const code = (error as { code?: unknown }).code;
  const [text = ""] = error.message.split("\n");
  return { code: typeof code === "string" ? code : null, text };
}
