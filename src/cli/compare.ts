import type { KernelBehaviour } from "../interception/behaviour.ts";
import { exitLines } from "../model/exits-text.ts";
import { describeExits } from "../model/exits.ts";
import type { Profile } from "../model/profile.ts";
import { buildRows } from "../model/rows.ts";
import { renderEvidence, renderLegend, renderTable } from "../reply/table.ts";
import { createEvaluator } from "../review/evaluate.ts";
import { reviewSets } from "../review/behaviours.ts";
import { behaviourOf } from "./behaviour.ts";
import { colourTable } from "./colours.ts";
import { EXIT } from "./exit.ts";
import { openKernel, resolveRevision } from "./kernel.ts";
import { profileOption, PROFILE_NAMES } from "./options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface CompareOptions {
  readonly git?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

interface Kernel {
  readonly name: string;
  readonly behaviour: KernelBehaviour;
}

async function bothKernels(a: string, b: string, { git }: CompareOptions): Promise<[Kernel, Kernel]> {
  const evaluate = createEvaluator();
  const kernel = async (name: string): Promise<Kernel> => {
    const source = await openKernel(git === undefined ? { tree: name } : { git });
    if (source === null) throw new Error("no kernel");
    try {
      const revision = await resolveRevision(source, git === undefined ? undefined : name);
      return { name, behaviour: await behaviourOf(source, revision, evaluate) };
    } finally {
      await source.close();
    }
  };
  return [await kernel(a), await kernel(b)];
}

function comparison(old: KernelBehaviour, now: KernelBehaviour, profile: Profile) {
  const input = {
    old: old.sets.active,
    new: now.sets.active,
    oldAnswers: old.answers,
    newAnswers: now.answers,
    profile,
  };
  return {
    rows: buildRows(input),
    exits: exitLines(describeExits({ ...input, handler: now.unaccelerated })),
  };
}

/** `avicbot compare`: the table between two kernels, for backports. */
export const configureCompare: ConfigureVerb = (command, io, done) => {
  command
    .argument("<a>", "directory of the one kernel, or a revision with --git")
    .argument("<b>", "directory of the other kernel, or a revision with --git")
    .option("--git <repo>", "a and b are revisions of this repository")
    .option("--profile <name>", `hardware profile: ${PROFILE_NAMES}`)
    .option("--json", "print JSON")
    .action(async (a: string, b: string, options: CompareOptions) => {
      const profile = profileOption(options.profile);
      const [old, now] = await bothKernels(a, b, options);
      const { rows, exits } = comparison(old.behaviour, now.behaviour, profile);
      const sets = reviewSets(old.behaviour.sets, now.behaviour.sets);
      if (options.json) {
        io.out(`${JSON.stringify({ old: a, new: b, profile: profile.name, sets, rows, exits }, null, 2)}\n`);
      } else {
        const table = colourTable(renderTable(rows), io.colours);
        const account = exits.length === 0 ? "" : `\nExits:\n${exits.map((line) => `- ${line}\n`).join("")}`;
        io.out(
          `Current is ${a}, New is ${b}.\n\n${table}\n${renderLegend(rows)}\n${renderEvidence(rows, profile.name)}${account}`,
        );
      }
      done(EXIT.done);
    });
};
