/** What a scan is measured against: mailparser reading every mail of an mbox, as a process of its own. */
import { simpleParser } from "mailparser";
import { readMessages } from "../src/sources/mbox.ts";

for await (const { bytes } of readMessages(process.argv[2] ?? "")) {
  await simpleParser(bytes).catch(() => undefined);
}
