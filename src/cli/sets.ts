import { renderSets, setsJson } from "../reply/sets.ts";
import { createEvaluator } from "../review/evaluate.ts";
import { behaviourOf } from "./behaviour.ts";
import { CliError, EXIT } from "./exit.ts";
import { addKernelOptions, openKernel, resolveRevision } from "./kernel.ts";
import type { KernelOptions } from "./kernel.ts";
import type { ConfigureVerb } from "./verb.ts";

interface SetsOptions extends KernelOptions {
  readonly rev?: string;
  readonly json?: boolean;
}

/** `avicbot sets`: which accesses a kernel passes through, and the line that decided each. */
export const configureSets: ConfigureVerb = (command, io, done) => {
  addKernelOptions(command)
    .option("--rev <revision>", "revision of the git repository (default: HEAD)")
    .option("--json", "print JSON")
    .action(async (options: SetsOptions) => {
      const source = await openKernel(options);
      if (source === null)
        throw new CliError("no kernel; give --tree DIR or --git REPO --rev REV", EXIT.usage);
      try {
        const revision = await resolveRevision(source, options.rev);
        const behaviour = await behaviourOf(source, revision, createEvaluator());
        const title = `${source.describe}${revision === "tree" ? "" : ` at ${revision.slice(0, 12)}`}`;
        if (options.json) io.out(`${JSON.stringify(setsJson(revision, behaviour), null, 2)}\n`);
        else io.out(renderSets(title, behaviour));
        done(EXIT.done);
      } finally {
        await source.close();
      }
    });
};
