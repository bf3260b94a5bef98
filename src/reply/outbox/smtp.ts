/**
 * One mail over one SMTP connection, by nodemailer's protocol part. Its error codes do not tell a connection
 * that was never made from one lost after DATA, so the moment is watched here: the mail is a stream that is
 * read only once the server waits for it.
 */
import { Readable } from "node:stream";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { isLoopback } from "../../sources/imap-options.ts";
import type { Parcel, SendOutcome, Transport } from "./ports.ts";

export interface SmtpSettings {
  /** `smtp://user:password@host:587` or `smtps://host`. */
  readonly url: string;
  /** Instead of the one in the URL. */
  readonly password?: string | undefined;
  readonly timeoutMs: number;
}

interface SmtpError extends Error {
  readonly responseCode?: number | undefined;
  readonly code?: string | undefined;
  readonly response?: string | undefined;
  readonly recipient?: string | undefined;
}

function open({ url, timeoutMs }: SmtpSettings): SMTPConnection {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === "smtps:";
  return new SMTPConnection({
    host: hostname,
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    // A server on this machine has a certificate for another name, if any.
    ignoreTLS: isLoopback(hostname),
    requireTLS: !secure && !isLoopback(hostname),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
}

function credentials({ url, password }: SmtpSettings): { user: string; pass: string } | null {
  const { username, password: inUrl } = new URL(url);
  if (username === "") return null;
  return { user: decodeURIComponent(username), pass: password ?? decodeURIComponent(inUrl) };
}

/** One line of what went wrong. */
function describe(error: SmtpError): string {
  const text = error.response ?? error.message;
  return text.replace(/\s+/g, " ").trim().slice(0, 300);
}

/** A refused login is the operator's to mend: the mail waits for it. */
function outcomeOfError(error: SmtpError, begun: boolean): SendOutcome {
  const code = error.responseCode ?? 0;
  const text = describe(error);
  if (code >= 500 && error.code !== "EAUTH") return { kind: "failed", final: true, text };
  if (code >= 400 || !begun) return { kind: "failed", final: false, text };
  return { kind: "lost", text };
}

/** The mail as a stream whose first read asks whether it may be sent. */
function gated(bytes: Uint8Array, mayBegin: () => Promise<boolean>): Readable {
  let asked = false;
  return new Readable({
    read() {
      if (asked) return;
      asked = true;
      mayBegin().then(
        (allowed) => {
          if (!allowed) return void this.destroy(new Error("not to be sent"));
          this.push(bytes);
          this.push(null);
        },
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
}

/** Where a try stands, for the moment it breaks off. */
interface Progress {
  begun: boolean;
  abandoned: boolean;
}

function transmit(connection: SMTPConnection, parcel: Parcel, message: Readable): Promise<SendOutcome> {
  const { sender, recipients, bytes } = parcel;
  const envelope = {
    from: sender,
    to: [...recipients],
    size: bytes.length,
    use8BitMime: bytes.some((byte) => byte > 0x7f),
  };
  return new Promise((resolve, reject) => {
    connection.send(envelope, message, (error, info) => {
      if (error) return reject(error as Error);
      const rejected = (info.rejectedErrors ?? []).map((one: SmtpError) => ({
        address: one.recipient ?? "",
        text: describe(one),
      }));
      resolve({ kind: "accepted", response: info.response ?? "", accepted: [...info.accepted], rejected });
    });
  });
}

async function greet(connection: SMTPConnection, settings: SmtpSettings): Promise<void> {
  await new Promise<void>((resolve) => connection.connect(() => resolve()));
  const auth = credentials(settings);
  if (auth === null) return;
  await new Promise<void>((resolve, reject) =>
    connection.login({ ...auth, credentials: auth }, (error) => (error ? reject(error as Error) : resolve())),
  );
}

async function converse(
  connection: SMTPConnection,
  settings: SmtpSettings,
  parcel: Parcel,
  message: Readable,
): Promise<SendOutcome> {
  await greet(connection, settings);
  const outcome = await transmit(connection, parcel, message);
  connection.quit();
  return outcome;
}

/** Rejects when the connection ends by itself or takes too long in all; never resolves. */
function breaking(
  connection: SMTPConnection,
  timeoutMs: number,
): { broken: Promise<never>; clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const broken = new Promise<never>((_, reject) => {
    connection.on("error", (error: unknown) => reject(error as Error));
    connection.on("end", () => reject(new Error("the server closed the connection")));
    timer = setTimeout(() => reject(new Error("the server took too long")), timeoutMs * 5);
  });
  broken.catch(() => undefined);
  return { broken, clear: () => clearTimeout(timer) };
}

async function sendOnce(
  settings: SmtpSettings,
  parcel: Parcel,
  beforeData: () => Promise<boolean>,
): Promise<SendOutcome> {
  const progress: Progress = { begun: false, abandoned: false };
  const message = gated(parcel.bytes, async () => {
    progress.begun = await beforeData();
    progress.abandoned = !progress.begun;
    return progress.begun;
  });
  const connection = open(settings);
  const { broken, clear } = breaking(connection, settings.timeoutMs);
  try {
    return await Promise.race([converse(connection, settings, parcel, message), broken]);
  } catch (error) {
    connection.close();
    if (progress.abandoned) return { kind: "abandoned" };
    return outcomeOfError(error as SmtpError, progress.begun);
  } finally {
    clear();
  }
}

/** Sends by the SMTP server of the settings. */
export function smtpTransport(settings: SmtpSettings): Transport {
  return { send: (parcel, beforeData) => sendOnce(settings, parcel, beforeData) };
}

/** nodemailer's way to say one line: it has no call for MAIL without a mail. */
interface Talk {
  readonly _responseActions: ((reply: string) => void)[];
  _sendCommand(line: string): void;
}

/** Whether the server lets this sender begin a mail; the mail is never begun. */
function offerSender(connection: SMTPConnection, from: string): Promise<void> {
  const talk = connection as unknown as Talk;
  return new Promise((resolve, reject) => {
    talk._responseActions.push((reply) =>
      reply.startsWith("2") ? resolve() : reject(new Error(`MAIL FROM:<${from}> is refused: ${reply}`)),
    );
    talk._sendCommand(`MAIL FROM:<${from}>`);
  });
}

/** Connects, logs in and names the sender, and sends nothing; gives in one line what is in the way, or null. */
export async function probeSmtp(settings: SmtpSettings, from: string | null = null): Promise<string | null> {
  const connection = open(settings);
  const { broken, clear } = breaking(connection, settings.timeoutMs);
  try {
    await Promise.race([greet(connection, settings), broken]);
    if (from !== null) await Promise.race([offerSender(connection, from), broken]);
    connection.quit();
    return null;
  } catch (error) {
    connection.close();
    return describe(error as SmtpError);
  } finally {
    clear();
  }
}
