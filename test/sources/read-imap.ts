/** Reads an IMAP folder in a process of its own and prints the ids, or why it cannot: arguments are URL and folder. */
import { createImapSources } from "../../src/sources/imap.ts";
import { idsOf, readAll } from "./reading.ts";

const [url = "", folder = ""] = process.argv.slice(2);
for (const source of createImapSources({ url, folder, pollSeconds: 60 })) {
  try {
    console.log(idsOf((await readAll(source)).messages).join(" "));
  } catch (error) {
    console.log(`refused: ${(error as Error).message}`);
  }
}
