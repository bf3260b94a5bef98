/** From envelope and text to the bytes that are kept and sent. */
import type { Envelope } from "../envelope.ts";
import type { Signer } from "./dkim.ts";

/** Line ends as SMTP has them. */
export function wireBytes(mail: string): Uint8Array {
  return Buffer.from(mail.replace(/\r?\n|\r/g, "\r\n"), "utf8");
}

/** The mail as it goes over the wire, signed when there is a signer. The same input gives the same bytes. */
export async function composeBytes(
  envelope: Envelope,
  body: string,
  signer: Signer | null,
): Promise<Uint8Array> {
  const { composeMail } = await import("../mail.ts");
  const bytes = wireBytes(composeMail(envelope, body));
  return signer === null ? bytes : signer(bytes);
}
