/**
 * One IMAP connection with deadlines of its own. imapflow never reconnects, may answer a NOOP on a dead
 * socket, and lets a broken connection show as a command that never ends: so every command races the
 * connection's end, a time limit and the caller's signal, and whatever fails closes the connection.
 */
import { ImapFlow, type ImapFlowOptions } from "imapflow";

const COMMAND_LIMIT_MS = 60_000;

export class ImapSession {
  readonly #client: ImapFlow;
  /** Rejects when the connection ends, for whatever reason. */
  readonly #ended: Promise<never>;
  #news: () => void = () => undefined;

  private constructor(client: ImapFlow, signal: AbortSignal) {
    this.#client = client;
    this.#ended = new Promise<never>((_, reject) => {
      client.on("error", reject);
      client.on("close", () => reject(new Error("the IMAP connection was closed")));
      const abort = () => {
        reject(new Error("stopped"));
        client.close();
      };
      signal.addEventListener("abort", abort, { once: true });
      client.on("close", () => signal.removeEventListener("abort", abort));
    });
    this.#ended.catch(() => undefined);
    client.on("exists", () => this.#news());
    client.on("expunge", () => this.#news());
  }

  static async open(options: ImapFlowOptions, signal: AbortSignal): Promise<ImapSession> {
    signal.throwIfAborted();
    const client = new ImapFlow(options);
    const session = new ImapSession(client, signal);
    try {
      await session.run(() => client.connect());
    } catch (error) {
      client.close();
      throw explainConnect(error, options);
    }
    return session;
  }

  /** Runs commands. Collect what a FETCH yields before the next command: imapflow would wait for itself. */
  async run<T>(commands: (client: ImapFlow) => Promise<T>, limitMs = COMMAND_LIMIT_MS): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`the IMAP server did not answer within ${limitMs / 1000} s`));
        this.#client.close();
      }, limitMs);
    });
    try {
      return await Promise.race([commands(this.#client), this.#ended, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Take it before looking for messages, so that none slips in between. */
  awaitNews(): Promise<void> {
    return new Promise((resolve) => (this.#news = resolve));
  }

  /** Idles until there is news, at most `pollMs`; rejects when the connection ends. */
  async idle(news: Promise<void>, pollMs: number): Promise<void> {
    // Ended by the next command. A session that is thrown out may only resolve it: `#ended` tells.
    this.#client.idle().catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const poll = new Promise<void>((resolve) => (timer = setTimeout(resolve, pollMs)));
    try {
      await Promise.race([news, poll, this.#ended]);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#client.close();
  }
}

/** What the operator has to mend, without the password. */
function explainConnect(error: unknown, options: ImapFlowOptions): Error {
  const { code, responseText, authenticationFailed } = error as {
    code?: string;
    responseText?: string;
    authenticationFailed?: boolean;
  };
  const text = responseText ?? (error instanceof Error ? error.message : String(error));
  const what = authenticationFailed === true ? "login refused" : (code ?? "failed");
  return new Error(`IMAP ${options.host}:${options.port}: ${what}: ${text}`, { cause: error });
}
