/** mailparser on every mail of an mbox, as a process of its own: mailparser.ts FILE. Prints how many there were. */
import { simpleParser } from "mailparser";
import { readMessages } from "../../src/sources/mbox.ts";

let count = 0;
for await (const { bytes } of readMessages(process.argv[2] ?? "")) {
  await simpleParser(bytes).catch(() => undefined);
  count++;
}
console.log(count);
