/** Reading from a source under test: mails in, batches out, positions kept as a store would. */
import type { Batch, ReadOptions, Source, SourceMessage, SourcePosition } from "../../src/sources/source.ts";

export const LIMITS = { messageBytes: 4000 };

export interface Reader {
  /** The next batch with messages in it. */
  readonly next: () => Promise<Batch>;
  /** The position after the last batch. */
  readonly position: () => SourcePosition | null;
  readonly stop: () => Promise<void>;
}

/** Follows a source. */
export function startReader(source: Source, options: Partial<ReadOptions> = {}): Reader {
  const stopping = new AbortController();
  let position = options.from ?? null;
  const batches = source.read({
    from: null,
    follow: true,
    signal: stopping.signal,
    limits: LIMITS,
    ...options,
  });
  return {
    next: async () => {
      for (;;) {
        const { value, done } = await batches.next();
        if (done === true) throw new Error("the source ended");
        position = value.position;
        if (value.messages.length > 0) return value;
      }
    },
    position: () => position,
    stop: async () => {
      stopping.abort();
      await batches.next().catch(() => undefined);
    },
  };
}

/** Reads what there is and returns it with the position after it. */
export async function readAll(
  source: Source,
  options: Partial<ReadOptions> = {},
): Promise<{ messages: SourceMessage[]; position: SourcePosition | null; live: boolean[] }> {
  const messages: SourceMessage[] = [];
  const live: boolean[] = [];
  let position = options.from ?? null;
  const signal = new AbortController().signal;
  for await (const batch of source.read({ from: null, follow: false, signal, limits: LIMITS, ...options })) {
    messages.push(...batch.messages);
    live.push(batch.live);
    position = batch.position;
  }
  return { messages, position, live };
}

export function mail(id: string, body = "text\n"): string {
  return `From: A <a@example.org>\nMessage-ID: <${id}>\nSubject: ${id}\nDate: Thu, 1 Jan 2026 00:00:00 +0000\n\n${body}`;
}

/** What stands in Message-ID, in the order of the messages. */
export function idsOf(messages: readonly SourceMessage[]): string[] {
  return messages.map(
    (one) => /^message-id: <(.*)>\r?$/im.exec(Buffer.from(one.bytes).toString("latin1"))?.[1] ?? "",
  );
}
