/** What sending needs: an address, a server that takes mail from it, a key that signs and that others can check. */
import type { Config } from "../config.ts";
import { describeError } from "../log.ts";
import { dnsResolver } from "../reply/commands/authority.ts";
import { publicHalf } from "../reply/outbox/dkim.ts";
import { probeSmtp } from "../reply/outbox/smtp.ts";
import { failed, passed, type Check } from "./check.ts";
import { signerOf } from "./reply/signer.ts";

const SMTP_LIMIT_MS = 20_000;

export async function checkMail(config: Config): Promise<Check[]> {
  const { smtp, mail } = config;
  if (smtp.url === undefined && mail.from === undefined)
    return [passed("mail", "no smtp.url and no mail.from: no reply is made or sent")];
  return [checkAddress(config), await checkServer(config), ...(await checkKey(config))];
}

function checkAddress({ mail }: Config): Check {
  const what = "mail.from";
  if (mail.from === undefined)
    return failed(what, "none: no reply is made", "set it to the address that avicbot sends from");
  if (mail.moderators === undefined)
    return passed(
      what,
      `${mail.from}; nobody is told of held replies`,
      "set mail.moderators to your address",
    );
  return passed(what, `${mail.from}; moderators: ${mail.moderators}`);
}

async function checkServer({ smtp, mail }: Config): Promise<Check> {
  const what = "SMTP";
  const { url, password, timeoutSeconds } = smtp;
  if (url === undefined)
    return failed(what, "no smtp.url: replies are made, and none can be sent", "set smtp.url");
  const timeoutMs = Math.min(timeoutSeconds * 1000, SMTP_LIMIT_MS);
  const problem = await probeSmtp({ url, password, timeoutMs }, mail.from ?? null);
  const { host } = new URL(url);
  if (problem === null) return passed(what, `${host} lets avicbot in and takes mail from it`);
  return failed(what, `${host}: ${problem}`, mendOf(problem));
}

function mendOf(problem: string): string {
  if (problem.startsWith("MAIL FROM")) return "set mail.from to an address that this account may send as";
  if (/ENOTFOUND|ECONN|ETIMEDOUT|too long|timeout/i.test(problem)) return "mend host and port of smtp.url";
  if (/STARTTLS|certificate|TLS/i.test(problem)) return "use smtps://, or a server that offers STARTTLS";
  return "mend smtp.url or smtp.password";
}

async function checkKey(config: Config): Promise<Check[]> {
  const { dkim, dnsServers, from } = config.mail;
  if (dkim === undefined) return [];
  const what = "DKIM";
  const name = `${dkim.selector}._domainkey.${dkim.domain}`;
  try {
    signerOf(config);
  } catch (error) {
    const [text = "", mend = "set mail.dkim.keyFile to a file with an RSA key in PEM"] =
      describeError(error).text.split("; ");
    return [failed(what, text, mend)];
  }
  const domain = from?.split("@")[1]?.toLowerCase();
  if (
    domain !== undefined &&
    domain !== dkim.domain.toLowerCase() &&
    !domain.endsWith(`.${dkim.domain.toLowerCase()}`)
  )
    return [
      failed(what, `${dkim.domain} signs for ${domain}`, "set mail.dkim.domain to the domain of mail.from"),
    ];
  const own = publicHalf(dkim.keyFile);
  const record = `${name} TXT "v=DKIM1; k=rsa; p=${own}"`;
  try {
    const texts = (await dnsResolver(dnsServers)(name, "TXT")) as string[][];
    const shown = texts.map((parts) => /(?:^|;)\s*p=(?<key>[^;]*)/.exec(parts.join(""))?.groups?.["key"]);
    return shown.some((key) => key?.replace(/\s/g, "") === own)
      ? [passed(what, `signs as ${name}, as DNS says`)]
      : [failed(what, `DNS shows another key at ${name}`, `publish ${record}`)];
  } catch (error) {
    return [failed(what, `DNS: ${describeError(error).text}`, `publish ${record}`)];
  }
}
