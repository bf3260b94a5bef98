/** An SMTP server with a script: what goes wrong with each connection, and every mail it took. */
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerSession } from "smtp-server";

/**
 * Refusals as `[code, text]`; `close` ends the connection, `silence` never answers. After `final` the server
 * has the mail, except when it refuses.
 */
export interface Fault {
  readonly banner?: Refusal | "silence";
  readonly mail?: Refusal;
  /** To the command DATA itself. */
  readonly data?: Refusal;
  readonly rcpt?: Refusal | "close";
  /** Refuse only these recipients. */
  readonly rcptOf?: string;
  /** Close when the first bytes of the mail have come. */
  readonly inData?: "close";
  readonly final?: Refusal | "close" | "silence" | "answer-and-close";
  /** Answers so much later, in milliseconds, than it has the mail. */
  readonly finalDelay?: number;
  /** Called when the first bytes of the mail have come. */
  readonly onData?: () => void;
  /** Called when the server has the mail and has not answered yet. */
  readonly onTaken?: () => void;
}

export type Refusal = readonly [code: number, text: string];

export interface TakenMail {
  readonly bytes: Buffer;
  readonly sender: string;
  readonly recipients: readonly string[];
}

export interface ScriptedSmtp {
  readonly url: string;
  readonly taken: TakenMail[];
  /** One a connection, in order; then all goes well. */
  readonly faults: Fault[];
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
}

interface Connection {
  readonly id: string;
  readonly _socket: { destroy: () => void };
  readonly send: (code: number, text: string) => void;
  handler_DATA: (command: Buffer, done: () => void) => void;
}

function refusal([responseCode, text]: Refusal): Error {
  return Object.assign(new Error(text), { responseCode });
}

/** The library asks nobody before it answers DATA. */
function refuseData(connection: Connection, [code, text]: Refusal): void {
  connection.handler_DATA = (_command, done) => {
    connection.send(code, text);
    done();
  };
}

export async function startScriptedSmtp(
  onMail: (mail: TakenMail) => void = () => undefined,
): Promise<ScriptedSmtp> {
  const taken: TakenMail[] = [];
  const faults: Fault[] = [];
  const plan = new Map<string, Fault>();
  let count = 0;
  const faultOf = (session: SMTPServerSession) => plan.get(session.id) ?? {};
  const connectionOf = ({ id }: SMTPServerSession) =>
    [...(server.connections as Set<Connection>)].find((connection) => connection.id === id);
  const drop = (session: SMTPServerSession) => connectionOf(session)?._socket.destroy();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    logger: false,
    onConnect(session, done) {
      count += 1;
      plan.set(session.id, faults.shift() ?? {});
      const { banner, data } = faultOf(session);
      const connection = connectionOf(session);
      if (data !== undefined && connection !== undefined) refuseData(connection, data);
      if (banner !== "silence") done(banner === undefined ? null : refusal(banner));
    },
    onMailFrom(_address, session, done) {
      const { mail } = faultOf(session);
      done(mail === undefined ? null : refusal(mail));
    },
    onRcptTo({ address }, session, done) {
      const { rcpt, rcptOf = address } = faultOf(session);
      if (rcpt === "close") return drop(session);
      done(rcpt === undefined || rcptOf !== address ? null : refusal(rcpt));
    },
    onData(stream, session, done) {
      const { inData, final, finalDelay, onData, onTaken } = faultOf(session);
      const chunks: Buffer[] = [];
      stream.once("data", () => onData?.());
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if (inData === "close") drop(session);
      });
      stream.on("end", () => {
        if (inData === "close") return;
        if (Array.isArray(final)) return done(refusal(final as unknown as Refusal));
        const sender = session.envelope.mailFrom === false ? "" : session.envelope.mailFrom.address;
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const mail = { bytes: Buffer.concat(chunks), sender, recipients };
        taken.push(mail);
        onMail(mail);
        onTaken?.();
        if (final === "close") return drop(session);
        if (finalDelay !== undefined) return void setTimeout(done, finalDelay);
        if (final !== "silence") done();
        if (final === "answer-and-close") setImmediate(() => drop(session));
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    faults,
    connections: () => count,
    stop: () =>
      new Promise((resolve) => {
        for (const connection of server.connections as Set<Connection>) connection._socket.destroy();
        server.close(() => resolve());
      }),
  };
}
