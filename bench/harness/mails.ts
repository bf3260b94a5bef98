/** The mails that are measured on: real ones where they are, else the corpus. */
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { readMessages } from "../../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../../test/mails.ts";
import { writeCorpus } from "../corpus/write.ts";

export const SEED = 1;

export interface MailFile {
  /** A plain mboxrd. */
  readonly path: string;
  readonly mails: number;
}

/** A few hundred MB of a list's mail. */
export async function listMails(dir: string, quick: boolean): Promise<MailFile> {
  if (withoutMails) {
    const { paths, mails } = await writeCorpus({
      dir,
      seed: SEED,
      mails: quick ? 3000 : 20_000,
      forms: ["mbox"],
    });
    return { path: paths.mbox ?? "", mails };
  }
  const path = join(dir, "kvm-cc.mboxrd");
  await pipeline(createReadStream(mailsPath("kvm-cc.mboxrd.gz")), createGunzip(), createWriteStream(path));
  let mails = 0;
  for await (const message of readMessages(path)) mails += message.bytes.length > 0 ? 1 : 0;
  return { path, mails };
}
