// What a scan is measured against: mailparser reading every mail of an mbox.
import { simpleParser } from "mailparser";
import { readMessages } from "../dist/src/sources/mbox.js";

for await (const { bytes } of readMessages(process.argv[2])) await simpleParser(bytes).catch(() => undefined);
