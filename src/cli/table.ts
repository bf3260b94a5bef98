import { readFileSync } from "node:fs";
import { parseAccessSet, rowsOfSets } from "../model/access-set.ts";
import { renderEvidence, renderLegend, renderTable } from "../reply/table.ts";
import { CliError, EXIT } from "./exit.ts";
import { profileOption } from "./options.ts";
import type { Profile } from "../model/profile.ts";
import { colourTable } from "./colours.ts";
import type { ConfigureVerb } from "./verb.ts";
import type { AccessSet } from "../x2apic.ts";

interface TableOptions {
  readonly old: string;
  readonly new: string;
  readonly profile: Profile;
  readonly json?: boolean;
}

/** Reads a set from a file; whatever is wrong ends the verb with the file's name. */
function readAccessSet(file: string): AccessSet {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError(`${file}: ${(error as Error).message}`);
  }
  const parsed = parseAccessSet(text, file);
  if (!parsed.ok) throw new CliError(parsed.error);
  return parsed.value;
}

/** `avicbot table`: the table between two sets that somebody wrote down. */
export const configureTable: ConfigureVerb = (command, io, done) => {
  command
    .requiredOption(
      "--old <file>",
      'passed-through accesses before, as JSON {"read": ["0x802", ...], "write": [...]} or as `sets --json` prints them',
    )
    .requiredOption("--new <file>", "passed-through accesses after")
    .addOption(profileOption())
    .option("--json", "print JSON")
    .addHelpText("after", "\nKVM's own answers are those of Linux 6.12 and later; `compare` evaluates them.")
    .action((options: TableOptions) => {
      const { profile } = options;
      const rows = rowsOfSets(readAccessSet(options.old), readAccessSet(options.new), profile);
      if (options.json) io.out(`${JSON.stringify({ profile: profile.name, rows }, null, 2)}\n`);
      else
        io.out(
          `${colourTable(renderTable(rows), io.colours)}\n${renderLegend(rows)}\n${renderEvidence(rows, profile.name)}`,
        );
      done(EXIT.done);
    });
};
