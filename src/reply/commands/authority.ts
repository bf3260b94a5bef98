/**
 * Whether a mail was written by whom its From names: a DKIM signature of that domain (RFC 6376) over the whole
 * body and the headers that say what a command is about, or an ARC chain (RFC 8617) of a sealer that is
 * trusted by configuration and saw such a signature. Authentication-Results of others prove nothing.
 */
import { Resolver } from "node:dns/promises";
import type { AuthenticateOptions, DKIMResult } from "mailauth";

/** Answers TXT questions; tests give their own. */
export type DnsResolver = NonNullable<AuthenticateOptions["resolver"]>;

export interface AuthorityOptions {
  readonly resolver?: DnsResolver;
  /** Domains whose ARC seals are believed, lower case. */
  readonly sealers: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Authority =
  { readonly verified: true; readonly by: string } | { readonly verified: false; readonly reason: string };

/** A signed mail can be sent again by anybody, but not for long. */
const MAX_AGE_MS = 7 * 86_400_000;
const MUST_BE_SIGNED = ["from", "subject", "date", "message-id"];

interface Signed extends DKIMResult {
  readonly signingHeaders?: { readonly keys?: string };
  readonly canonBodyLengthLimited?: boolean;
}

/** The mail whose sender is asked for; a parsed `Message` fits. */
export interface SignedMail {
  readonly bytes: Uint8Array;
  readonly from: { readonly address: string } | null;
  readonly date: string | null;
  readonly header: (name: string) => readonly string[];
}

function dnsResolver(): DnsResolver {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  return (name, type) => resolver.resolve(name, type) as Promise<string[][]>;
}

function sameDomain(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Header fields that the signature must cover in this mail. */
function neededHeaders(mail: SignedMail): string[] {
  return mail.header("in-reply-to").length > 0 ? [...MUST_BE_SIGNED, "in-reply-to"] : MUST_BE_SIGNED;
}

/** What a passing signature leaves open; null: nothing. */
function weakness(result: Signed, mail: SignedMail): string | null {
  const signed = (result.signingHeaders?.keys ?? "").toLowerCase().split(/[\s:]+/);
  const open = neededHeaders(mail).filter((name) => !signed.includes(name));
  if (open.length > 0) return `its signature does not cover ${open.join(", ")}`;
  return result.canonBodyLengthLimited === true ? "its signature covers only a part of the text" : null;
}

/** Reasons that need no cryptography. */
function plainObjection(mail: SignedMail, now: number): string | null {
  if (mail.from === null || mail.header("from").length !== 1) return "it has not exactly one From";
  for (const name of ["subject", "date", "message-id", "in-reply-to"])
    if (mail.header(name).length > 1) return `it has several ${name} headers`;
  const age = now - Date.parse(mail.date ?? "");
  if (Number.isNaN(age)) return "it has no date";
  return age > MAX_AGE_MS || age < -86_400_000 ? "its date is not of these days" : null;
}

/** What the sealer of a valid chain says it saw of the From's own signature. */
async function checkArc(
  mail: SignedMail,
  domain: string,
  { resolver, sealers }: Required<Pick<AuthorityOptions, "resolver" | "sealers">>,
): Promise<string | null> {
  const { authenticate } = await import("mailauth");
  const options = { resolver, mta: "localhost", disableDmarc: true, disableBimi: true };
  const { arc } = await authenticate(Buffer.from(mail.bytes), options);
  if (arc === false || arc === undefined || arc.status.result !== "pass") return null;
  if (!arc.signature || weakness(arc.signature, mail) !== null) return null;
  const sealer = arc.signature.signingDomain;
  if (!sealers.includes(sealer.toLowerCase())) return null;
  const seen = arc.authenticationResults?.["dkim"] as
    { result?: string; header?: { d?: string; i?: string } }[] | undefined;
  const own = (seen ?? []).some(({ result, header }) => {
    const signer = header?.d ?? header?.i?.split("@").pop() ?? "";
    return result === "pass" && sameDomain(signer, domain);
  });
  return own ? `ARC of ${sealer}` : null;
}

/** Never rejects: what cannot be checked is not verified. */
export async function verifySender(mail: SignedMail, options: AuthorityOptions): Promise<Authority> {
  const objection = plainObjection(mail, options.now);
  if (objection !== null) return { verified: false, reason: objection };
  const domain = mail.from?.address.split("@").pop() ?? "";
  const resolver = options.resolver ?? dnsResolver();
  try {
    const { dkimVerify } = await import("mailauth/lib/dkim/verify.js");
    const { results } = await dkimVerify(Buffer.from(mail.bytes), { resolver });
    const passing = results.filter(
      ({ status, signingDomain }) => status.result === "pass" && sameDomain(signingDomain, domain),
    );
    const faults = passing.map((result) => weakness(result, mail));
    if (faults.includes(null)) return { verified: true, by: `DKIM of ${domain}` };
    const sealed = await checkArc(mail, domain, { resolver, sealers: options.sealers });
    if (sealed !== null) return { verified: true, by: sealed };
    return { verified: false, reason: faults[0] ?? `no valid DKIM signature of ${domain}` };
  } catch (error) {
    return { verified: false, reason: `it could not be checked: ${(error as Error).message}` };
  }
}
