/** The options that name kernel source, and opening it. */
import type { Command } from "commander";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { openDirectory, TREE_REVISION } from "../kernel/directory.ts";
import type { KernelSource } from "../kernel/source.ts";
import { CliError, EXIT } from "./exit.ts";

export interface KernelOptions {
  readonly tree?: string | undefined;
  readonly git?: string | undefined;
}

/** Adds `--tree` and `--git`. */
export function addKernelOptions(command: Command): Command {
  return command
    .option("--tree <dir>", "kernel source as a directory")
    .option("--git <repo>", "kernel source as a git repository, bare or not");
}

/** A file that only a kernel with AVIC has. */
const MARK = join("arch", "x86", "kvm", "svm", "avic.c");

/** The kernel around a directory: a clone, or source without one. */
function kernelAround(directory: string): KernelOptions {
  if (existsSync(join(directory, MARK)))
    return existsSync(join(directory, ".git")) ? { git: directory } : { tree: directory };
  const parent = dirname(directory);
  return parent === directory ? {} : kernelAround(parent);
}

/** What names the kernel: the options, else the environment, else where the command was started. */
function namedKernel({ tree, git }: KernelOptions): KernelOptions {
  if (tree !== undefined && git !== undefined)
    throw new CliError("--tree and --git name a kernel each: give either --tree or --git", EXIT.usage);
  if (tree !== undefined || git !== undefined) return { tree, git };
  const { AVICBOT_KERNEL_GIT, AVICBOT_KERNEL_TREE } = process.env;
  if (AVICBOT_KERNEL_GIT) return { git: AVICBOT_KERNEL_GIT };
  if (AVICBOT_KERNEL_TREE) return { tree: AVICBOT_KERNEL_TREE };
  return kernelAround(process.cwd());
}

/** Opens the kernel that is named; null when there is none. The caller closes it. */
export async function openKernel(options: KernelOptions): Promise<KernelSource | null> {
  const { tree, git } = namedKernel(options);
  if (tree !== undefined) return openDirectory(tree);
  if (git === undefined) return null;
  const { openGit } = await import("../kernel/git.ts");
  return openGit(git);
}

/** The commit of a revision, `tree` for a directory; one that is not there ends the verb. */
export async function resolveRevision(source: KernelSource, revision: string | undefined): Promise<string> {
  const wanted = revision ?? (source.partial ? TREE_REVISION : "HEAD");
  const commit = await source.resolve(wanted);
  if (commit === null)
    throw new CliError(`${source.describe} has no revision '${wanted}': fetch it, or name another`);
  return commit;
}
