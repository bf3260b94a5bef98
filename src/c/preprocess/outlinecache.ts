/**
 * Outlines kept from one program to the next. An outline depends on its text, the configuration, the headers read
 * before it and what its includes led to, and on nothing else: where all that is the same objects, so is it.
 */
import type { Outline } from "./outline.ts";
import type { SourceFile } from "../text/scan.ts";
import type { CConfig } from "../source.ts";
import type { SourceProblem } from "../text/token.ts";
import type { UnitHost } from "./unit.ts";

type Included = SourceFile | SourceProblem | null;

/** One question that reading the file asked, and its answer. */
type Dependency =
  | { readonly spelled: string; readonly from: string; readonly isNext: boolean; readonly found: Included }
  | { readonly source: SourceFile; readonly depth: number; readonly outline: Outline | null };

interface Kept {
  readonly config: CConfig;
  readonly prelude: readonly Outline[];
  readonly dependencies: readonly Dependency[];
  readonly outline: Outline;
}

const KEPT = new WeakMap<SourceFile, Kept[]>();
const KEPT_EACH = 4;

export interface OutlineQuestion {
  readonly source: SourceFile;
  readonly config: CConfig;
  readonly prelude: readonly Outline[];
}

/** The outline made earlier under the same circumstances, or one made now by `make`. */
export function keptOutline(
  question: OutlineQuestion,
  host: UnitHost,
  make: (host: UnitHost) => Outline,
): Outline {
  const { source, config, prelude } = question;
  const kept = KEPT.get(source) ?? [];
  const same = kept.find(
    (one) =>
      one.config === config &&
      isSameList(one.prelude, prelude) &&
      one.dependencies.every((it) => holds(host, it)),
  );
  if (same) return same.outline;
  const dependencies: Dependency[] = [];
  const outline = make(recorder(host, dependencies));
  const isWhole = outline.problems.every(({ code }) => !code.endsWith("-limit") && code !== "include-depth");
  if (isWhole) KEPT.set(source, [{ config, prelude, dependencies, outline }, ...kept].slice(0, KEPT_EACH));
  return outline;
}

function isSameList(a: readonly Outline[], b: readonly Outline[]): boolean {
  return a.length === b.length && a.every((outline, index) => outline === b[index]);
}

function holds(host: UnitHost, dependency: Dependency): boolean {
  if ("outline" in dependency) return host.module(dependency.source, dependency.depth) === dependency.outline;
  const found = host.include(dependency.spelled, dependency.from, dependency.isNext);
  if (found === null || dependency.found === null) return found === dependency.found;
  // a refusal depends on nothing but the spelling
  return found === dependency.found || ("code" in found && "code" in dependency.found);
}

function recorder(host: UnitHost, dependencies: Dependency[]): UnitHost {
  return {
    limits: host.limits,
    names: host.names,
    include(spelled, from, isNext) {
      const found = host.include(spelled, from, isNext);
      dependencies.push({ spelled, from, isNext, found });
      return found;
    },
    module(source, depth) {
      const outline = host.module(source, depth);
      dependencies.push({ source, depth, outline });
      return outline;
    },
  };
}
