/**
 * Whether a mail was written by whom its From names: a DKIM signature of that domain (RFC 6376) over the whole
 * body, or an ARC chain (RFC 8617) of a sealer that is trusted by configuration and saw such a signature.
 * Authentication-Results of others prove nothing.
 */
import { Resolver } from "node:dns/promises";
import type { AuthenticateOptions, DKIMResult } from "mailauth";

/** Answers TXT questions; tests give their own. */
export type DnsResolver = NonNullable<AuthenticateOptions["resolver"]>;

export interface AuthorityOptions {
  readonly resolver: DnsResolver;
  /** Domains whose ARC seals are believed, lower case. */
  readonly sealers: readonly string[];
}

export interface Proof {
  readonly verified: true;
  readonly by: string;
  /** Names of the header fields that are signed, lower case. */
  readonly signed: readonly string[];
  /** Stand for the signatures: the same mail sent again has one of them, whatever its Message-ID. */
  readonly signatures: readonly string[];
}

export interface Doubt {
  readonly verified: false;
  readonly reason: string;
  /** The mail contradicts itself, or the domain's own policy (DMARC) says that it does not send such mail. */
  readonly forged: boolean;
  /** A DNS that did not answer: it may be asked again. */
  readonly temporary: boolean;
}

export type Authority = Proof | Doubt;

/** A signed mail can be sent again by anybody, but not for long. */
export const MAX_AGE_MS = 7 * 86_400_000;
const MAX_AHEAD_MS = 86_400_000;
/** A mail with more signatures than any relay adds would only make the DNS busy. */
const MAX_SIGNATURES = 20;
/** A DNS that answers slowly, name after name, must not keep others waiting. */
const LIMIT_MS = 30_000;

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

/** Asks these servers (`192.0.2.1`, `[2001:db8::1]:53`), or those of the system when there are none. */
export function dnsResolver(servers: readonly string[]): DnsResolver {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return (name, type) => resolver.resolve(name, type) as Promise<string[][]>;
}

/** The domain itself, or one above it: whoever holds that one decides about all below. */
function signsFor(signer: string, domain: string): boolean {
  const [by, of] = [signer.toLowerCase(), domain.toLowerCase()];
  return by !== "" && (of === by || of.endsWith(`.${by}`));
}

function doubt(reason: string, more: { forged?: boolean; temporary?: boolean } = {}): Doubt {
  return { verified: false, reason, forged: false, temporary: false, ...more };
}

function signedNames(result: Signed): string[] {
  return (result.signingHeaders?.keys ?? "").toLowerCase().split(/[\s:]+/);
}

/** What a passing signature leaves open; null: nothing. */
function weakness(result: Signed): string | null {
  const signed = signedNames(result);
  const open = ["from", "date"].filter((name) => !signed.includes(name));
  if (open.length > 0) return `its signature does not cover ${open.join(", ")}`;
  return result.canonBodyLengthLimited === true ? "its signature covers only a part of the text" : null;
}

/** Reasons that need no cryptography. */
function plainObjection(mail: SignedMail): string | null {
  if (mail.from === null || mail.header("from").length !== 1) return "it has not exactly one From";
  for (const name of ["date", "message-id", "in-reply-to", "references"])
    if (mail.header(name).length > 1) return `it has several ${name} headers`;
  if (mail.header("dkim-signature").length > MAX_SIGNATURES) return "it has too many signatures";
  return null;
}

/** Keys of other domains prove nothing here, so nobody is asked for them. */
function keysOf(resolver: DnsResolver, wanted: (signer: string) => boolean): DnsResolver {
  return (name, type) => {
    const signer = /\._domainkey\.(.+)$/i.exec(name)?.[1] ?? "";
    if (wanted(signer)) return resolver(name, type);
    return Promise.reject(
      Object.assign(new Error(`no key of ${signer} is asked for`), { code: "ENOTFOUND" }),
    );
  };
}

/** What the sealer of a valid chain says it saw of the From's own signature. */
async function checkArc(
  mail: SignedMail,
  domain: string,
  { resolver, sealers }: AuthorityOptions,
): Promise<Proof | null> {
  if (mail.header("arc-seal").length === 0) return null;
  const { authenticate } = await import("mailauth");
  const keys = keysOf(resolver, (signer) => sealers.includes(signer.toLowerCase()));
  const options = { resolver: keys, mta: "localhost", disableDmarc: true, disableBimi: true };
  const { arc } = await authenticate(Buffer.from(mail.bytes), options);
  if (arc === false || arc === undefined || arc.status.result !== "pass") return null;
  if (!arc.signature || weakness(arc.signature) !== null) return null;
  const sealer = arc.signature.signingDomain;
  if (!sealers.includes(sealer.toLowerCase())) return null;
  const seen = arc.authenticationResults?.["dkim"] as
    { result?: string; header?: { d?: string; i?: string } }[] | undefined;
  const own = (seen ?? []).some(({ result, header }) => {
    const signer = header?.d ?? header?.i?.split("@").pop() ?? "";
    return result === "pass" && signsFor(signer, domain);
  });
  return own ? proofOf(`ARC of ${sealer}`, [arc.signature]) : null;
}

/** The signature that covers most counts. */
function proofOf(by: string, sound: readonly Signed[]): Proof {
  const lists = sound.map(signedNames).sort((a, b) => b.length - a.length);
  return {
    verified: true,
    by,
    signed: lists[0] ?? [],
    signatures: sound.flatMap(({ id }) => id ?? []),
  };
}

/** Whether the domain says that mail without its signature is none of its own. */
async function isForged(domain: string, signers: string[], resolver: DnsResolver): Promise<boolean> {
  const { dmarc } = await import("mailauth/lib/dmarc/index.js");
  const dkimDomains = signers.map((signer) => ({ domain: signer }));
  const asked = await dmarc({ headerFrom: domain, spfDomains: [], dkimDomains, resolver });
  return (
    asked !== false && asked.status.result === "fail" && /^(?:reject|quarantine)$/i.test(asked.policy ?? "")
  );
}

async function check(mail: SignedMail, domain: string, options: AuthorityOptions): Promise<Authority> {
  const { dkimVerify } = await import("mailauth/lib/dkim/verify.js");
  const related = (signer: string) => signsFor(signer, domain) || signsFor(domain, signer);
  const resolver = keysOf(options.resolver, related);
  const { results } = await dkimVerify(Buffer.from(mail.bytes), { resolver });
  const passing = results.filter(({ status }) => status.result === "pass");
  const own = results.filter(({ signingDomain }) => signsFor(signingDomain ?? "", domain));
  const aligned = own.filter(({ status }) => status.result === "pass");
  const sound = aligned.filter((result) => weakness(result) === null);
  if (sound.length > 0) return proofOf(`DKIM of ${sound[0]?.signingDomain}`, sound);
  const sealed = await checkArc(mail, domain, options);
  if (sealed !== null) return sealed;
  const [weak] = aligned.map(weakness);
  const signers = passing.map(({ signingDomain }) => signingDomain);
  return doubt(weak ?? `no valid DKIM signature of ${domain}`, {
    temporary: own.some(({ status }) => status.result === "temperror"),
    forged: await isForged(domain, signers, options.resolver),
  });
}

/** Never rejects: what cannot be checked is not verified. */
export async function verifySender(mail: SignedMail, options: AuthorityOptions): Promise<Authority> {
  const objection = plainObjection(mail);
  if (objection !== null) return doubt(objection, { forged: true });
  const domain = mail.from?.address.split("@").pop() ?? "";
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Doubt>((resolve) => {
    timer = setTimeout(() => resolve(doubt("the DNS took too long", { temporary: true })), LIMIT_MS);
  });
  try {
    return await Promise.race([check(mail, domain, options), late]);
  } catch (error) {
    return doubt(`it could not be checked: ${(error as Error).message}`);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Why a signed mail is too old, or too far ahead, to be its sender's word of today; null: it is not. `now` in
 * milliseconds since the epoch.
 */
export function staleness({ date }: Pick<SignedMail, "date">, now: number): string | null {
  const written = Date.parse(date ?? "");
  if (Number.isNaN(written)) return "it has no date";
  if (now - written <= MAX_AGE_MS && written - now <= MAX_AHEAD_MS) return null;
  return "its date is not of these days";
}

/** Of these header fields those that stand in the mail and are not signed: anybody could have changed them. */
export function unsignedAmong(mail: SignedMail, proof: Proof, names: readonly string[]): string[] {
  return names.filter((name) => mail.header(name).length > 0 && !proof.signed.includes(name));
}
