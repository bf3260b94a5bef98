/** How every IMAP connection of avicbot is made. */
import type { ImapFlowOptions } from "imapflow";

export interface ImapAccess {
  /** `imaps://user:password@host:port/`, or `imap://` (STARTTLS, or plain on loopback). No user: anonymous. */
  readonly url: string;
  /** Instead of the one in the URL. */
  readonly password?: string | undefined;
}

export function imapOptions(access: ImapAccess): ImapFlowOptions {
  const url = new URL(access.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const secure = url.protocol === "imaps:";
  const user = decodeURIComponent(url.username);
  const given = access.password ?? decodeURIComponent(url.password);
  return {
    host,
    port: url.port === "" ? (secure ? 993 : 143) : Number(url.port),
    secure,
    ...(secure ? {} : { doSTARTTLS: !isLoopback(host) }),
    // What public archives take: any name and any password.
    auth: user === "" ? { user: "anonymous", pass: "anonymous" } : { user, pass: given },
    logger: false,
    disableAutoIdle: true,
    connectionTimeout: 20_000,
    greetingTimeout: 15_000,
  };
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
