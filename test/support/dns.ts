/** A DNS server of the test's own on a loopback port: answers TXT questions as a resolver of the test does. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { DnsResolver } from "../../src/reply/commands/authority.ts";

export interface TestDns {
  /** As `mail.dnsServers` wants it. */
  readonly address: string;
  /** Names that were asked for. */
  readonly asked: string[];
  readonly stop: () => Promise<void>;
}

const HEADER_BYTES = 12;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

/** A rejection with the code `ESERVFAIL` is a failure of the server, any other says that there is no such name. */
export async function startDns(resolver: DnsResolver): Promise<TestDns> {
  const socket = createSocket("udp4");
  const asked: string[] = [];
  socket.on("message", (question, { address, port }) => {
    const { name, end } = readName(question);
    asked.push(name);
    const reply = (texts: string[], code = 0) =>
      socket.send(answer(question, end, { texts, code }), port, address);
    resolver(name, "TXT").then(
      (found) => reply((found as string[][]).map((parts) => parts.join(""))),
      ({ code }: { code?: string }) => reply([], code === "ESERVFAIL" ? SERVER_FAILURE : NO_SUCH_NAME),
    );
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** RFC 1035 4.1.2: labels, each behind its length. */
function readName(question: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let size = question[at] ?? 0; size > 0; size = question[at] ?? 0) {
    labels.push(question.toString("latin1", at + 1, at + 1 + size));
    at += size + 1;
  }
  return { name: labels.join(".").toLowerCase(), end: at + 5 };
}

function answer(
  question: Buffer,
  end: number,
  { texts, code }: { texts: readonly string[]; code: number },
): Buffer {
  const head = Buffer.from(question.subarray(0, HEADER_BYTES));
  head.writeUInt16BE(0x8580 | code, 2);
  head.writeUInt16BE(texts.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, question.subarray(HEADER_BYTES, end), ...texts.map(textRecord)]);
}

/** A TXT record for the name asked for; long texts in pieces of 255 bytes. */
function textRecord(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const piece = bytes.subarray(at, at + 255);
    pieces.push(Buffer.from([piece.length]), piece);
  }
  const data = Buffer.concat(pieces);
  const head = Buffer.from([0xc0, HEADER_BYTES, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0]);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
