/** Source trees for tests of the front end. */
import { Program } from "../../src/c/program.ts";
import type { ProgramOptions } from "../../src/c/program.ts";
import type { CConfig, SourceTree } from "../../src/c/source.ts";

export type SourceFiles = Readonly<Record<string, string>>;

export function treeOf(files: SourceFiles): SourceTree {
  return {
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    list: (dir) => {
      const prefix = dir === "" ? "" : `${dir}/`;
      const below = Object.keys(files).filter((path) => path.startsWith(prefix));
      return [...new Set(below.map((path) => path.slice(prefix.length).split("/")[0] ?? ""))];
    },
  };
}

export function configOf(changes: Partial<CConfig> = {}): CConfig {
  return { defines: {}, includeRoots: ["include"], ...changes };
}

export function programOf(
  files: SourceFiles,
  changes: Partial<CConfig> = {},
  options: ProgramOptions = {},
): Program {
  return new Program(treeOf(files), configOf(changes), { searchDirs: ["lib"], ...options });
}

/** The tokens of a file after preprocessing, one blank between them; `problem: …` if that fails. */
export function preprocess(text: string, others: SourceFiles = {}, changes: Partial<CConfig> = {}): string {
  const { tokens, problem } = programOf({ ...others, "a.c": text }, changes).expandUnit("a.c");
  return problem ? `problem: ${problem.code}` : tokens.map((token) => token.text).join(" ");
}
