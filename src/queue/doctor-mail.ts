/** What sending needs: an address, a server that lets avicbot in, a key that can sign. */
import type { Config } from "../config.ts";
import { describeError } from "../log.ts";
import { probeSmtp } from "../reply/outbox/smtp.ts";
import type { Check } from "./check.ts";
import { signerOf } from "./reply/signer.ts";

const SMTP_LIMIT_MS = 20_000;

export async function checkMail(config: Config): Promise<Check[]> {
  const { smtp, mail } = config;
  if (smtp.url === undefined && mail.from === undefined)
    return [{ ok: true, what: "mail", text: "no smtp.url and no mail.from: no reply is made or sent" }];
  return [checkAddress(config), await checkServer(config), ...checkKey(config)];
}

function checkAddress({ mail }: Config): Check {
  const what = "mail.from";
  if (mail.from === undefined)
    return { ok: false, what, text: "set it: without an address no reply is made" };
  const whom = mail.moderators ?? "nobody: set mail.moderators to be told of held replies";
  return { ok: true, what, text: `${mail.from}; moderators: ${whom}` };
}

async function checkServer({ smtp }: Config): Promise<Check> {
  const what = "SMTP";
  const { url, password, timeoutSeconds } = smtp;
  if (url === undefined)
    return { ok: false, what, text: "set smtp.url: replies are made, and none can be sent" };
  const timeoutMs = Math.min(timeoutSeconds * 1000, SMTP_LIMIT_MS);
  const problem = await probeSmtp({ url, password, timeoutMs });
  const { host } = new URL(url);
  return problem === null
    ? { ok: true, what, text: `${host} lets avicbot in` }
    : { ok: false, what, text: `${host}: ${problem}: mend smtp.url or smtp.password` };
}

function checkKey(config: Config): Check[] {
  const { dkim } = config.mail;
  if (dkim === undefined) return [];
  const what = "DKIM";
  try {
    signerOf(config);
    return [{ ok: true, what, text: `signs as ${dkim.selector}._domainkey.${dkim.domain}` }];
  } catch (error) {
    return [{ ok: false, what, text: describeError(error).text }];
  }
}
