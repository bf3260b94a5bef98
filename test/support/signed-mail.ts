/** Mails of people with keys of the test's own, and the DNS that knows these keys. */
import { generateKeyPairSync } from "node:crypto";
import { sealMessage } from "mailauth/lib/arc/index.js";
import { dkimSign } from "mailauth/lib/dkim/sign.js";
import type { DnsResolver } from "../../src/reply/commands/authority.ts";

const keys = generateKeyPairSync("rsa", {
  modulusLength: 1024,
  publicKeyEncoding: { type: "spki", format: "der" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

/**
 * Every domain of `example.*` has the same key under the selector `s1`; others have none. Domains `reject.…`
 * want mail without their signature refused.
 */
export const testDns: DnsResolver = (name, type) => {
  if (type === "TXT" && /^s1\._domainkey\.(?:[\w-]+\.)*example\.\w+$/.test(name))
    return Promise.resolve([[`v=DKIM1; k=rsa; p=${keys.publicKey.toString("base64")}`]]);
  if (type === "TXT" && /^_dmarc\.reject\.(?:[\w-]+\.)*example\.\w+$/.test(name))
    return Promise.resolve([["v=DMARC1; p=reject"]]);
  return Promise.reject(Object.assign(new Error(`no ${type} of ${name}`), { code: "ENOTFOUND" }));
};

export interface Letter {
  from: string;
  subject?: string;
  date?: string;
  messageId?: string;
  inReplyTo?: string;
  text: string;
}

export function plainMail(letter: Letter): Buffer {
  const lines = [
    `From: ${letter.from}`,
    "To: kvm@vger.kernel.org",
    `Subject: ${letter.subject ?? "Re: [PATCH] KVM: SVM: x"}`,
    `Date: ${letter.date ?? "Fri, 02 Jan 2026 03:00:00 +0000"}`,
    `Message-ID: <${letter.messageId ?? "command-1@example.org"}>`,
    ...(letter.inReplyTo === undefined ? [] : [`In-Reply-To: <${letter.inReplyTo}>`]),
    "",
    letter.text,
    "",
  ];
  return Buffer.from(lines.join("\r\n"));
}

const HEADERS = "from:to:subject:date:message-id:in-reply-to";

/** With a DKIM signature of `domain` in front. */
export async function dkimSigned(
  mail: Buffer,
  domain: string,
  options: { headerList?: string; maxBodyLength?: number } = {},
): Promise<Buffer> {
  const { headerList = HEADERS, maxBodyLength } = options;
  const length = maxBodyLength === undefined ? {} : { maxBodyLength };
  const { signatures } = await dkimSign(mail, {
    canonicalization: "relaxed/relaxed",
    headerList,
    signatureData: [{ signingDomain: domain, selector: "s1", privateKey: keys.privateKey, ...length }],
    // Its types want one key beside the list of keys, and headers as an array it does not read.
  } as unknown as Parameters<typeof dkimSign>[1]);
  return Buffer.concat([Buffer.from(signatures), mail]);
}

/** Sealed by a relay that says what it saw. */
export async function arcSealed(mail: Buffer, sealer: string, saw: string): Promise<Buffer> {
  const seal = { signingDomain: sealer, selector: "s1", privateKey: keys.privateKey };
  const headers = await sealMessage(mail, {
    ...seal,
    i: 1,
    cv: "none",
    authResults: `mx.${sealer}; ${saw}`,
    headerList: HEADERS,
  } as unknown as Parameters<typeof sealMessage>[1]);
  return Buffer.concat([headers, mail]);
}
