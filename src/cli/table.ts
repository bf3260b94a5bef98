import { usualAnswers } from "../model/answers.ts";
import { buildRows } from "../model/rows.ts";
import { renderEvidence, renderLegend, renderTable } from "../reply/table.ts";
import { EXIT } from "./exit.ts";
import { profileOption, PROFILE_NAMES } from "./options.ts";
import { readAccessSet } from "./sets-file.ts";
import { colourTable } from "./colours.ts";
import type { ConfigureVerb } from "./verbs.ts";

interface TableOptions {
  readonly old: string;
  readonly new: string;
  readonly profile?: string;
  readonly json?: boolean;
}

/** `avicbot table`: the table between two sets that somebody wrote down. */
export const configureTable: ConfigureVerb = (command, io, done) => {
  command
    .requiredOption(
      "--old <file>",
      'passed-through accesses before, as JSON {"read": ["0x802", ...], "write": [...]}',
    )
    .requiredOption("--new <file>", "passed-through accesses after")
    .option("--profile <name>", `hardware profile: ${PROFILE_NAMES}`)
    .option("--json", "print the rows as JSON")
    .addHelpText("after", "\nKVM's own answers are those of Linux 6.12 and later; `compare` evaluates them.")
    .action((options: TableOptions) => {
      const profile = profileOption(options.profile);
      const answers = usualAnswers("posted");
      const rows = buildRows({
        old: readAccessSet(options.old),
        new: readAccessSet(options.new),
        oldAnswers: answers,
        newAnswers: answers,
        profile,
      });
      if (options.json) io.out(`${JSON.stringify({ profile: profile.name, rows }, null, 2)}\n`);
      else
        io.out(
          `${colourTable(renderTable(rows), io.colours)}\n${renderLegend(rows)}\n${renderEvidence(rows)}`,
        );
      done(EXIT.done);
    });
};
