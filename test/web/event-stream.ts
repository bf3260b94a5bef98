/** A reader of `/events`. */
export interface StreamedEvent {
  readonly id: string;
  readonly data: Record<string, unknown>;
}

export interface EventStream {
  /** The first event from now on that fits. */
  readonly next: (fits?: (event: StreamedEvent) => boolean) => Promise<StreamedEvent>;
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;
  readonly close: () => void;
}

function parse(block: string): StreamedEvent | null {
  const fields = new Map(
    block.split("\n").map((line) => [line.split(":", 1)[0] ?? "", line.replace(/^\w+: ?/, "")]),
  );
  if (fields.get("event") !== "series") return null;
  return {
    id: fields.get("id") ?? "",
    data: JSON.parse(fields.get("data") ?? "null") as Record<string, unknown>,
  };
}

/** Resolves when the server has the listener. */
export async function listenTo(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const ending = new AbortController();
  const { body, status } = await fetch(`${url}/events`, { headers, signal: ending.signal });
  if (body === null || status !== 200) throw new Error(`/events answers ${status}`);
  const events: StreamedEvent[] = [];
  let wake = () => {};
  const ended = (async () => {
    let text = "";
    for await (const chunk of body) {
      const blocks = (text + Buffer.from(chunk as Uint8Array).toString("utf8")).split("\n\n");
      text = blocks.pop() ?? "";
      events.push(...blocks.map(parse).filter((event) => event !== null));
      wake();
    }
  })().catch(() => undefined);
  return {
    ended,
    close: () => ending.abort(),
    next: async (fits = () => true) => {
      for (;;) {
        const event = events.shift();
        if (event === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (fits(event)) return event;
      }
    },
  };
}
