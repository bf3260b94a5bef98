/** Mails to damage: each is in order, and each another way to send a patch, or none. */
import { asBase64, asCrlf, asQuotedPrintable } from "../e2e/git-mails.ts";
import { changing, withBody } from "./vectors/patches.ts";
import { letter } from "./vectors/vector.ts";

/** By name, as byte strings; at most one patch in each. */
export function seedMails(): ReadonlyMap<string, string> {
  const patch = changing().replace(/^From .*\n/, "");
  const body = patch.slice(patch.indexOf("\n\n") + 2);
  const attached = `--B\n\nSee below.\n--B\nContent-Type: text/x-patch; name=a.patch\nContent-Disposition: attachment\n\n${body}--B--\n`;
  return new Map([
    ["plain", patch],
    ["CRLF", asCrlf(patch)],
    ["quoted-printable", asQuotedPrintable(patch)],
    ["base64", asBase64(patch)],
    ["attached", letter({ "MIME-Version": "1.0", "Content-Type": "multipart/mixed; boundary=B" }, attached)],
    ["flowed", patch.replace("Subject:", "Content-Type: text/plain; format=flowed\nSubject:")],
    ["answer", withBody(patch, (text) => text.replace(/^/gm, "> ")).replace("Subject: ", "Subject: Re: ")],
    ["command", letter({ Subject: "Re: [PATCH] x", "In-Reply-To": "<a@b>" }, "#avicbot query\n\n-- \nEve\n")],
  ]);
}
