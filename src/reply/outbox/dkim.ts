/**
 * DKIM signatures by nodemailer, which knows RSA only: given any other key it sends unsigned and says nothing,
 * so the key is judged when avicbot starts and every signed mail is looked at.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import DKIM from "nodemailer/lib/dkim";

export interface DkimSettings {
  readonly domain: string;
  readonly selector: string;
  /** Path of a PEM private key. */
  readonly keyFile: string;
}

/** Adds a signature in front of a mail with CRLF line ends. */
export type Signer = (bytes: Uint8Array) => Promise<Uint8Array>;

/** RFC 8301 3.2: signers must use at least 1024 bits. */
const MIN_BITS = 1024;

function readKey(path: string): KeyObject {
  try {
    return createPrivateKey(readFileSync(path));
  } catch (cause) {
    throw new Error(`mail.dkim.keyFile ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** The `p=` that DNS has to show for the key (RFC 6376 3.6.1): base64 of its public half. */
export function publicHalf(keyFile: string): string {
  return createPublicKey(readKey(keyFile)).export({ type: "spki", format: "der" }).toString("base64");
}

/** Throws with one line that names the remedy when the key cannot sign. */
export function loadSigner({ domain, selector, keyFile }: DkimSettings): Signer {
  const key = readKey(keyFile);
  const remedy = "make one with: openssl genrsa -out dkim.pem 2048";
  if (key.asymmetricKeyType !== "rsa")
    throw new Error(
      `mail.dkim.keyFile ${keyFile}: a key of type ${key.asymmetricKeyType}, not RSA; ${remedy}`,
    );
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_BITS)
    throw new Error(`mail.dkim.keyFile ${keyFile}: shorter than ${MIN_BITS} bits; ${remedy}`);
  const privateKey = key.export({ type: "pkcs8", format: "pem" }).toString();
  const dkim = new DKIM({ domainName: domain, keySelector: selector, privateKey });
  return async (bytes) => {
    const chunks: Buffer[] = [];
    for await (const chunk of dkim.sign(Buffer.from(bytes))) chunks.push(chunk as Buffer);
    const signed = Buffer.concat(chunks);
    if (!/^DKIM-Signature:/.test(signed.toString("latin1", 0, 20)))
      throw new Error("the mail could not be signed with DKIM");
    return signed;
  };
}
