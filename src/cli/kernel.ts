/** The options that name kernel source, and opening it. */
import type { Command } from "commander";
import { openDirectory, TREE_REVISION } from "../kernel/directory.ts";
import type { KernelSource } from "../kernel/source.ts";
import { CliError, EXIT } from "./exit.ts";

export interface KernelOptions {
  readonly tree?: string;
  readonly git?: string;
}

/** Adds `--tree` and `--git`. */
export function addKernelOptions(command: Command): Command {
  return command
    .option("--tree <dir>", "kernel source as a directory")
    .option("--git <repo>", "kernel source as a git repository, bare or not");
}

/** Opens what the options name; null when they name nothing. The caller closes it. */
export async function openKernel({ tree, git }: KernelOptions): Promise<KernelSource | null> {
  if (tree !== undefined && git !== undefined)
    throw new CliError("either --tree or --git, not both", EXIT.usage);
  if (tree !== undefined) return openDirectory(tree);
  if (git === undefined) return null;
  const { openGit } = await import("../kernel/git.ts");
  return openGit(git);
}

/** The commit of a revision, `tree` for a directory; one that is not there ends the verb. */
export async function resolveRevision(source: KernelSource, revision: string | undefined): Promise<string> {
  const wanted = revision ?? (source.partial ? TREE_REVISION : "HEAD");
  const commit = await source.resolve(wanted);
  if (commit === null) throw new CliError(`${source.describe} has no revision '${wanted}'`);
  return commit;
}
