/** Mails named on the command line, as series. */
import { statSync } from "node:fs";
import { parseMessage } from "../mail/message.ts";
import type { Message } from "../mail/message.ts";
import { readMessages } from "../sources/mbox.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Io } from "./io.ts";

function checkFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new CliError(`${file}: no such file; name an mbox, .eml or .patch file, or - for stdin`);
  if (stats.isDirectory()) throw new CliError(`${file} is a directory; name the mail files in it`);
}

async function readFile(file: string, io: Io): Promise<Message[]> {
  if (file !== "-") checkFile(file);
  const messages: Message[] = [];
  try {
    const input = file === "-" ? (io.stdin as AsyncIterable<Uint8Array>) : file;
    for await (const { bytes } of readMessages(input)) messages.push(parseMessage(bytes));
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`);
  }
  return messages;
}

/** The messages of all files, in the order given; `-` or no file at all is stdin. */
export async function readMails(files: readonly string[], io: Io): Promise<Message[]> {
  if (files.length === 0 && io.stdin.isTTY === true) {
    throw new CliError("no mail given; name an mbox, .eml or .patch file, or - for stdin", EXIT.usage);
  }
  const lists = [];
  for (const file of files.length === 0 ? ["-"] : files) lists.push(await readFile(file, io));
  return lists.flat();
}
