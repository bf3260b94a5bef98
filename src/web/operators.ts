/** Who may act: the tokens of the settings, and the signed cookies that people get for one. */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Config } from "../config.ts";

export const SESSION_COOKIE = "avicbot_session";
const SESSION_MS = 12 * 3_600_000;

export interface Session {
  readonly name: string;
  readonly expires: number;
  /** Stands in every form of the session. */
  readonly csrf: string;
}

export interface Operators {
  /** False: nobody may change anything. */
  readonly some: boolean;
  /** Signs cookies; changes with the tokens, so that a removed token ends every session. */
  readonly secret: string;
  /** The name of the token's owner; takes the same time for every token. */
  readonly named: (token: string) => string | null;
  /** Content of a new cookie, to be signed. */
  readonly open: (name: string, now: number) => string;
  /** The session of a cookie whose signature was checked. */
  readonly read: (content: string, now: number) => Session | null;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Whether two texts are the same, in a time that does not tell how much of them is. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function parse(content: string): { name: string; expires: number } | null {
  try {
    const { name, expires } = JSON.parse(Buffer.from(content, "base64url").toString("utf8")) as Record<
      string,
      unknown
    >;
    return typeof name === "string" && typeof expires === "number" ? { name, expires } : null;
  } catch {
    return null;
  }
}

export function createOperators(tokens: Config["web"]["tokens"]): Operators {
  const known = tokens.map((one, at) =>
    typeof one === "string" ? { name: `token ${at + 1}`, token: one } : one,
  );
  const digests = known.map(({ name, token }) => ({ name, digest: digest(token) }));
  const secret =
    known.length === 0
      ? randomBytes(32).toString("hex")
      : digest(`session\n${known.map(({ token }) => token).join("\n")}`).toString("hex");
  return {
    some: known.length > 0,
    secret,
    named: (token) => {
      const given = digest(token);
      const found = digests.filter((one) => timingSafeEqual(one.digest, given));
      return found[0]?.name ?? null;
    },
    open: (name, now) => {
      const nonce = randomBytes(12).toString("base64url");
      return Buffer.from(JSON.stringify({ name, expires: now + SESSION_MS, nonce })).toString("base64url");
    },
    read: (content, now) => {
      const found = parse(content);
      if (found === null || found.expires < now || known.length === 0) return null;
      const csrf = createHmac("sha256", secret).update(`csrf\n${content}`).digest("base64url");
      return { ...found, csrf };
    },
  };
}
