/** Where the real mails are that tests read when they are there: `AVICBOT_MAILS`, else `../shared/mails`. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const folder = resolve(process.env["AVICBOT_MAILS"] ?? "../shared/mails");

/** For the `skip` option of a test: false when the mails are there. */
export const withoutMails: string | false = existsSync(folder) ? false : `no real mails at ${folder}`;

/** Path of a file or folder among the real mails. */
export function mailsPath(...names: string[]): string {
  return resolve(folder, ...names);
}
