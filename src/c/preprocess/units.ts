/** All outlines of one program: each guarded header once, each unit with the headers it reads. */
import type { Budget } from "./expand.ts";
import type { Files } from "../text/files.ts";
import { baseNames } from "./names.ts";
import type { BaseNames } from "./names.ts";
import type { Outline } from "./outline.ts";
import { keptOutline } from "./outlinecache.ts";
import type { SourceFile } from "../text/scan.ts";
import type { CConfig, CLimits } from "../source.ts";
import type { SourceProblem } from "../text/token.ts";
import { outlineFile } from "./unit.ts";
import type { UnitHost } from "./unit.ts";

export class Units implements UnitHost {
  readonly limits: CLimits;
  readonly #files: Files;
  readonly #config: CConfig;
  readonly names: BaseNames;
  readonly #total: { tokens: number };
  readonly #modules = new Map<SourceFile, Outline | null>();
  readonly #units = new Map<string, Outline | null>();
  #prelude: Outline[] | null = null;

  constructor(files: Files, config: CConfig, limits: CLimits) {
    this.#files = files;
    this.#config = config;
    this.limits = limits;
    this.names = baseNames(config);
    this.#total = { tokens: limits.totalTokens };
  }

  /** What one definition may cost. */
  budget(): Budget {
    const { tokens, argumentDepth } = this.limits;
    return { tokens, parent: this.#total, argumentDepth };
  }

  /** Whether nothing can be expanded any more: what is found from here on says nothing of another program. */
  areSpent(): boolean {
    return this.#total.tokens < 0;
  }

  /** The outline of a file from its own point of view; null if the file is missing. */
  unit(path: string): Outline | null {
    const known = this.#units.get(path);
    if (known !== undefined) return known;
    const source = this.#files.open(path);
    const outline = source && this.#outline(source, 0);
    this.#units.set(path, outline);
    return outline;
  }

  module(source: SourceFile, depth: number): Outline | null {
    const known = this.#modules.get(source);
    if (known !== undefined) return known;
    this.#modules.set(source, null);
    try {
      const outline = this.#outline(source, depth);
      this.#modules.set(source, outline);
      return outline;
    } catch (error) {
      // the tree had to load something: begin anew when asked again
      this.#modules.delete(source);
      throw error;
    }
  }

  include(spelled: string, from: string, isNext: boolean): SourceFile | SourceProblem | null {
    return this.#files.include(spelled, from, isNext);
  }

  #outline(source: SourceFile, depth: number): Outline {
    const prelude = this.#preludeOutlines();
    return keptOutline({ source, config: this.#config, prelude }, this, (host) =>
      outlineFile(host, source, { prelude, budget: this.budget(), depth }),
    );
  }

  /** The common headers; what they include themselves is read without them. */
  #preludeOutlines(): readonly Outline[] {
    if (this.#prelude !== null) return this.#prelude;
    const prelude: Outline[] = [];
    this.#prelude = [];
    try {
      for (const path of this.#config.commonHeaders ?? []) {
        const source = this.#files.open(path);
        const outline = source && this.module(source, 1);
        if (outline) prelude.push(outline);
      }
    } catch (error) {
      this.#prelude = null;
      throw error;
    }
    return (this.#prelude = prelude);
  }
}
