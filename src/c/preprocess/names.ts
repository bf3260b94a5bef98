/** Macros that come from no file: the configuration's, the computed ones and the fallbacks. */
import type { NativeMacro } from "./expand.ts";
import { lex } from "../text/lexer.ts";
import { parseMacro } from "./macro.ts";
import type { Macro } from "./macro.ts";
import type { CConfig } from "../source.ts";
import { makeToken } from "../text/token.ts";
import type { Token } from "../text/token.ts";

export interface BaseNames {
  /** Names never replaced. */
  readonly kept: ReadonlySet<string>;
  /** What holds before the first line: the configuration's and the computed macros. */
  readonly given: ReadonlyMap<string, Macro | NativeMacro>;
  /** Used where no file says anything. */
  readonly fallback: ReadonlyMap<string, Macro>;
}

export const CONFIG_FILE = "<config>";

const NAMES = new WeakMap<CConfig, BaseNames>();

/** The names of a configuration, which must not change once it is in use. */
export function baseNames(config: CConfig): BaseNames {
  const names = NAMES.get(config) ?? makeBaseNames(config);
  NAMES.set(config, names);
  return names;
}

/** Throws a TypeError if the configuration itself is malformed: that is the caller's mistake, not input. */
function makeBaseNames(config: CConfig): BaseNames {
  const given = new Map<string, Macro | NativeMacro>(
    makeComputed(config).map((macro) => [macro.name, macro]),
  );
  for (const [name, value] of Object.entries(config.defines)) {
    const text = definitionOf(name, value);
    if (text === null) continue;
    const macro = macroOf(text);
    given.set(macro.name, macro);
  }
  const fallback = new Map((config.fallbackMacros ?? []).map(macroOf).map((macro) => [macro.name, macro]));
  return { kept: new Set(config.keptNames), given, fallback };
}

/** What a define of the configuration amounts to; null for an option that is off. */
function definitionOf(name: string, value: string): string | null {
  if (!name.startsWith("CONFIG_")) return `${name} ${value}`;
  if (value === "n") return null;
  if (value === "y") return `${name} 1`;
  return value === "m" ? `${name}_MODULE 1` : `${name} ${value}`;
}

function macroOf(text: string): Macro {
  const { tokens } = lex(text, { file: CONFIG_FILE, start: 0, end: text.length, line: 1 });
  const macro = parseMacro(tokens, CONFIG_FILE, 1);
  if ("code" in macro) throw new TypeError(`configuration: #define ${text}: ${macro.text}`);
  return macro;
}

/** `__LINE__` and its like, and the tests for kernel options (include/linux/kconfig.h). */
function makeComputed(config: CConfig): NativeMacro[] {
  const plain = (name: string, replace: (use: Token, count: () => number) => Token): NativeMacro => ({
    name,
    native: true,
    takesArgument: false,
    replace: (use, { count }) => [replace(use, count)],
  });
  const isOn = (name: string): boolean => name in config.defines && config.defines[name] !== "n";
  const option = (
    name: string,
    test: (value: string | undefined, isReplaced: boolean) => boolean,
  ): NativeMacro => ({
    name,
    native: true,
    takesArgument: true,
    replace: (use, { argument }) => {
      const [raw] = argument?.raw ?? [];
      const value = raw && isOn(raw.text) ? config.defines[raw.text] : undefined;
      const isReplaced = argument?.expanded[0]?.text === "1" && argument.expanded.length === 1;
      return [numberToken(use, test(value, isReplaced) ? "1" : "0")];
    },
  });
  const isBuiltIn = (value: string | undefined, isReplaced: boolean): boolean => isReplaced && value !== "m";
  const isModule = (value: string | undefined): boolean => value === "m";
  const isEither = (value: string | undefined, isReplaced: boolean): boolean => isReplaced || value === "m";
  const isReachable = (value: string | undefined, isReplaced: boolean): boolean =>
    isReplaced || (value === "m" && "MODULE" in config.defines);
  return [
    plain("__LINE__", (use) => numberToken(use, String(use.line))),
    plain("__COUNTER__", (use, count) => numberToken(use, String(count()))),
    plain("__FILE__", (use) => ({ ...numberToken(use, JSON.stringify(use.file)), kind: "string" })),
    option("IS_ENABLED", isEither),
    option("IS_BUILTIN", isBuiltIn),
    option("IS_MODULE", isModule),
    option("IS_REACHABLE", isReachable),
  ];
}

function numberToken(use: Token, text: string): Token {
  return makeToken("number", text, use.file, use.line, use.space);
}

/** What a name means that no file says anything about; null if it is no macro. `isTest`: for `defined`, which the fallbacks do not answer. */
export function baseMacro(names: BaseNames, name: string, isTest: boolean): Macro | NativeMacro | null {
  return names.given.get(name) ?? (isTest ? null : (names.fallback.get(name) ?? null));
}
