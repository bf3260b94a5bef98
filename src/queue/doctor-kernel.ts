/** Whether bases of series can be found in the kernel repository and evaluated. */
import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Config } from "../config.ts";
import { openDirectory } from "../kernel/directory.ts";
import { openGit } from "../kernel/git.ts";
import type { KernelSource } from "../kernel/source.ts";
import { describeError } from "../log.ts";
import { createEvaluator, plainTree } from "../review/evaluate.ts";
import { failed, passed, type Check } from "./check.ts";

const WHAT = "kernel";
const AVIC_FILE = "arch/x86/kvm/svm/avic.c";
const CLONE = "git clone --bare --filter=blob:none URL PATH makes one";
/** A repository that nobody fetched for so long misses the bases of new series. */
const STALE_DAYS = 14;
const DAY_MS = 86_400_000;

export async function checkKernel({ kernel }: Config, now: () => number): Promise<Check[]> {
  const place = kernel.git ?? kernel.tree;
  if (place === undefined)
    return [
      failed(
        WHAT,
        "no kernel.git: every review is undetermined",
        `set kernel.git to a clone of linux; ${CLONE}`,
      ),
    ];
  let source: KernelSource;
  try {
    source = kernel.git === undefined ? await openDirectory(place) : await openGit(place);
  } catch (error) {
    return [failed(WHAT, describeError(error).text, `set kernel.git to a clone of linux; ${CLONE}`)];
  }
  try {
    const freshness = kernel.git === undefined ? [] : await checkRepository(kernel.git, now);
    return [await checkBranches(source, kernel.branches), ...freshness];
  } catch (error) {
    const { text } = describeError(error);
    return [failed(WHAT, text, mendMissing(place))];
  } finally {
    await source.close();
  }
}

function mendMissing(place: string): string {
  return `fetch the files: git -C ${place} archive BRANCH arch/x86/kvm arch/x86/include include > /dev/null`;
}

async function checkBranches(source: KernelSource, branches: readonly string[]): Promise<Check> {
  const wanted = branches.length > 0 ? branches : [source.partial ? "tree" : "HEAD"];
  const commits = await Promise.all(wanted.map((branch) => source.resolve(branch)));
  const unknown = wanted.filter((_, at) => commits[at] === null);
  if (unknown.length > 0) {
    const names = unknown.join(", ");
    return failed(
      WHAT,
      `${source.describe} has no ${names}`,
      "mend kernel.branches, or fetch what they name",
    );
  }
  const commit = commits[0] ?? "";
  if ((await source.read(commit, AVIC_FILE)) === null)
    return failed(
      WHAT,
      `${wanted[0]} of ${source.describe} has no ${AVIC_FILE}`,
      "set kernel.git to a clone of linux",
    );
  const evaluation = await createEvaluator()(plainTree(source, commit));
  if (!evaluation.ok)
    return failed(
      WHAT,
      `${wanted[0]} cannot be evaluated: ${evaluation.reason}`,
      mendMissing(source.describe),
    );
  return passed(
    WHAT,
    `${source.describe}: ${branches.join(", ") || "no branches set"}; ${wanted[0]} evaluates`,
  );
}

/** What the history of a repository and its remotes tell of the bases to come. */
async function checkRepository(path: string, now: () => number): Promise<Check[]> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", ["-C", path, ...args], { encoding: "utf8" })).stdout.trim();
  const what = "kernel history";
  if ((await git("rev-parse", "--is-shallow-repository")) === "true")
    return [
      failed(
        what,
        `${path} is a shallow clone: older bases are not in it`,
        `git -C ${path} fetch --unshallow`,
      ),
    ];
  if ((await git("remote")) === "")
    return [
      passed(
        what,
        `${path} has no remote`,
        `git -C ${path} remote add kvm URL, unless something else brings new commits`,
      ),
    ];
  const fetched = join(await git("rev-parse", "--absolute-git-dir"), "FETCH_HEAD");
  const days = existsSync(fetched) ? Math.floor((now() - statSync(fetched).mtimeMs) / DAY_MS) : 0;
  const timer = `let a timer run: git -C ${path} fetch --all`;
  return days > STALE_DAYS
    ? [failed(what, `fetched ${days} days ago: bases of new series are missing`, timer)]
    : [
        passed(
          what,
          existsSync(fetched) ? `fetched ${days} days ago` : "cloned and never fetched since",
          timer,
        ),
      ];
}
