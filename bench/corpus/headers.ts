/** Headers as mails of kernel lists have them by the time an archive gets them: 6 to 10 KB, most of it transport. */
import type { Pools } from "./pools.ts";

export interface Envelope {
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly date: number;
  readonly inReplyTo: string | null;
  readonly references: readonly string[];
  readonly list: string;
  /** Lines about the body: MIME-Version, Content-Type … */
  readonly mime: readonly string[];
}

const LEAST = 6 * 1024;
const MOST = 10 * 1024;
const HOSTS = ["vger.kernel.org", "lists.example.org", "kvack.org", "smtp.example.com", "mx.example.net"];

/** The whole header with the blank line behind it. */
export function makeHeader(pools: Pools, envelope: Envelope): string {
  const own = ownFields(pools, envelope);
  const wanted = LEAST + pools.random(MOST - LEAST) - own.length;
  return `${transport(pools, envelope, wanted)}${own}\n`;
}

function ownFields(pools: Pools, envelope: Envelope): string {
  const { id, from, subject, date, inReplyTo, references, list, mime } = envelope;
  const folded = references.length === 0 ? [] : [`References: ${references.map(angle).join("\n ")}`];
  return [
    `From: ${from}`,
    `To: ${recipients(pools, 1 + pools.random(3))}, ${list}`,
    `Cc: ${recipients(pools, 4 + pools.random(20))}`,
    `Subject: ${subject}`,
    `Date: ${new Date(date).toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: ${angle(id)}`,
    ...(inReplyTo === null ? [] : [`In-Reply-To: ${angle(inReplyTo)}`]),
    ...folded,
    `List-Id: <${list.replace("@", ".")}>`,
    `Precedence: bulk`,
    ...mime,
    "",
  ].join("\n");
}

function angle(id: string): string {
  return `<${id}>`;
}

function recipients(pools: Pools, count: number): string {
  const one = () => `${pools.words(2)} <${pools.hex(6)}@${pools.pick(HOSTS)}>`;
  return Array.from({ length: count }, one).join(",\n\t");
}

/** Hops, signatures and seals until about so many bytes are reached. */
function transport(pools: Pools, { date, list }: Envelope, bytes: number): string {
  const stamp = new Date(date + 4000).toUTCString().replace("GMT", "+0000 (UTC)");
  let text = `Return-Path: <bounces+${pools.hex(8)}@${pools.pick(HOSTS)}>\nDelivered-To: ${list}\n`;
  for (let hop = 0; text.length < bytes - 900; hop++) {
    text += FIELDS[hop % FIELDS.length]?.(pools, stamp) ?? "";
  }
  return `${text}X-Spam-Report: ${pools.noise(Math.max(20, bytes - text.length - 40))}\n`;
}

const FIELDS: readonly ((pools: Pools, stamp: string) => string)[] = [
  (pools, stamp) =>
    `Received: from ${pools.pick(HOSTS)} (${pools.pick(HOSTS)} [192.0.2.${pools.random(255)}])\n` +
    `\tby ${pools.pick(HOSTS)} (Postfix) with ESMTPS id ${pools.hex(10)}\n\tfor <list@example.org>; ${stamp}\n`,
  (pools) =>
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s${pools.random(99)};\n` +
    `\th=from:to:cc:subject:date:message-id:in-reply-to:references;\n\tbh=${pools.hex(40)};\n\tb=${pools.noise(350)}\n`,
  (pools) => `ARC-Seal: i=1; a=rsa-sha256; d=example.net; s=arc; cv=none;\n\tb=${pools.noise(350)}\n`,
  (pools) =>
    `ARC-Authentication-Results: i=1; ${pools.pick(HOSTS)}; dkim=pass header.d=example.com;\n` +
    `\tspf=pass smtp.mailfrom=${pools.hex(6)}@example.com; dmarc=pass (p=none dis=none)\n`,
  (pools) => `X-Gm-Message-State: ${pools.noise(200)}\nX-Received: by 2002:a05:${pools.hex(4)} with SMTP\n`,
];
