/**
 * Structured logs. Every line about a message carries `messageId`, every line about a series `series`:
 * make a child logger with them. Secrets never reach a logger; what may hold one is masked here again.
 */
import { pino, type Logger } from "pino";

export type { Logger } from "pino";

/** Logs go to stderr: stdout belongs to what a verb prints. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          "password",
          "*.password",
          "auth",
          "*.auth",
          "url",
          "*.url",
          "redisUrl",
          "*.redisUrl",
          "tokens",
        ],
        censor: "***",
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** What a log line and a dead letter say of an error: its code and its first line. */
export function describeError(error: unknown): { code: string | null; text: string } {
  if (!(error instanceof Error)) return { code: null, text: String(error) };
  const code = (error as { code?: unknown }).code;
  const [text = ""] = error.message.split("\n");
  return { code: typeof code === "string" ? code : null, text };
}
