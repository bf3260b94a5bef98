/** The DKIM key of the settings, read once. */
import type { Config } from "../../config.ts";
import { loadSigner, type Signer } from "../../reply/outbox/dkim.ts";

const signers = new WeakMap<Config, Signer>();

/** Null: mails go out unsigned. Throws in one line when the key cannot sign. */
export function signerOf(config: Config): Signer | null {
  const { dkim } = config.mail;
  if (dkim === undefined) return null;
  const signer = signers.get(config) ?? loadSigner(dkim);
  signers.set(config, signer);
  return signer;
}
