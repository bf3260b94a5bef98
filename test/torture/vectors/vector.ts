import type { Entrance } from "../entrances.ts";

export interface Vector {
  /** Its class of hostile input: see classes.ts. */
  readonly class: number;
  readonly name: string;
  readonly entrance: Entrance;
  /** Byte string; `size` is what grows in it. */
  readonly text: (size: number) => string;
  /** Its full size: it is measured at a quarter and a half of it, too. */
  readonly size?: number | undefined;
  /** What its verdict, a line, has to say. */
  readonly verdict: RegExp;
}

export const DIFF = `diff --git a/x.c b/x.c
--- a/x.c
+++ b/x.c
@@ -1 +1 @@
-old
+new
`;

/** A patch mail with some header fields replaced (by their name) or more of them, and its body. */
export function letter(fields: Readonly<Record<string, string>> = {}, body = DIFF): string {
  const usual: Record<string, string> = {
    From: "Eve <eve@example.com>",
    To: "kvm@vger.kernel.org",
    Date: "Mon, 4 May 2026 10:00:00 +0000",
    "Message-ID": "<x@example.com>",
    Subject: "[PATCH] KVM: SVM: x",
  };
  const all = { ...usual, ...fields };
  return `${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("")}\n${body}`;
}

export function encodedWord(text: string): string {
  return `=?UTF-8?B?${Buffer.from(text, "utf8").toString("base64")}?=`;
}
