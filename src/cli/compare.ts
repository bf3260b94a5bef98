import { existsSync } from "node:fs";
import { openDirectory } from "../kernel/directory.ts";
import type { KernelSource } from "../kernel/source.ts";
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
import { CliError, EXIT } from "./exit.ts";
import { openKernel, resolveRevision } from "./kernel.ts";
import { profileOption } from "./options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface CompareOptions {
  readonly git?: string;
  readonly profile: Profile;
  readonly json?: boolean;
}

interface Kernel {
  readonly name: string;
  readonly behaviour: KernelBehaviour;
}

/** A directory is a kernel; any other name is a revision of the repository. */
async function openNamed(name: string, git: string | undefined): Promise<[KernelSource, string | undefined]> {
  if (git === undefined && existsSync(name)) return [await openDirectory(name), undefined];
  const source = await openKernel({ git });
  if (source !== null) return [source, name];
  throw new CliError(`no directory ${name}; give --git REPO when it is a revision`, EXIT.usage);
}

async function bothKernels(a: string, b: string, { git }: CompareOptions): Promise<[Kernel, Kernel]> {
  const evaluate = createEvaluator();
  const kernel = async (name: string): Promise<Kernel> => {
    const [source, revision] = await openNamed(name, git);
    try {
      const commit = await resolveRevision(source, revision);
      return { name, behaviour: await behaviourOf(source, commit, evaluate) };
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
    .argument("<old-dir|rev>", "directory of the old kernel, or a revision with --git")
    .argument("<new-dir|rev>", "directory of the new kernel, or a revision with --git")
    .option("--git <repo>", "both are revisions of this repository")
    .addOption(profileOption())
    .option("--json", "print JSON")
    .action(async (a: string, b: string, options: CompareOptions) => {
      const { profile } = options;
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
