/** Evaluates small pieces of C for the tests: one file, `a.c`, unless more are given. */
import {
  FALLBACK_MACROS,
  KEPT_NAMES,
  Machine,
  type MachineOptions,
  type Outcome,
  Program,
  Unknown,
  type Value,
} from "../../src/c/index.ts";

export interface Source {
  readonly text: string;
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly charSigned?: boolean;
}

export function programOf({ text, files = {}, charSigned = false }: Source): Program {
  const all: Readonly<Record<string, string>> = { "a.c": text, ...files };
  const tree = {
    read: (path: string) => all[path],
    list: (dir: string) =>
      Object.keys(all).filter((path) =>
        dir === "" || dir === "." ? !path.includes("/") : path.startsWith(dir),
      ),
  };
  const char: Record<string, string> = charSigned ? {} : { __CHAR_UNSIGNED__: "1" };
  const config = {
    defines: { __KERNEL__: "1", ...char },
    includeRoots: ["include"],
    keptNames: KEPT_NAMES,
    fallbackMacros: FALLBACK_MACROS,
  };
  return new Program(tree, config, { searchDirs: [""] });
}

export function machineOf(source: Source | string, options: MachineOptions = {}): Machine {
  return new Machine(programOf(typeof source === "string" ? { text: source } : source), options);
}

/** Calls `f` of the text. */
export function callF(
  source: Source | string,
  args: readonly Value[] = [],
  options: MachineOptions = {},
): Outcome {
  return machineOf(source, options).call("f", args, "a.c");
}

/** A result in words: `5`, `5n`, `unknown x`, `stopped shift`. */
export function shown(outcome: Outcome): string {
  if ("stopped" in outcome) return `stopped ${outcome.stopped.code}`;
  const { value } = outcome;
  if (value instanceof Unknown) return value.poison ? `poison ${value.code}` : `unknown ${value.text}`;
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "number" ? String(value) : value.constructor.name;
}
