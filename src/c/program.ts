/* eslint-disable @typescript-eslint/no-unused-vars -- the shape first, the work follows */
/** Looks up what is defined at file scope, from the point of view of a unit, over all files of a tree. */
import { DEFAULT_LIMITS } from "./source.ts";
import type { CConfig, CLimits, Definition, SourceTree, TagKind } from "./source.ts";
import type { SourceProblem, Token } from "./token.ts";

export interface Expansion {
  readonly tokens: readonly Token[];
  readonly problem: SourceProblem | null;
}

export class Program {
  readonly tree: SourceTree;
  readonly config: CConfig;
  readonly limits: CLimits;

  constructor(tree: SourceTree, config: CConfig, limits: CLimits = DEFAULT_LIMITS) {
    this.tree = tree;
    this.config = config;
    this.limits = limits;
  }

  /** The function's definition; its declaration if no definition is found in the tree; null if it has none. */
  findFunction(_name: string, _unit: string): Definition | null {
    return null;
  }

  /** The file-scope variable or table: its definition with initialiser if there is one, else a declaration. */
  findObject(_name: string, _unit: string): Definition | null {
    return null;
  }

  /** The definition of a struct, union or enum, also one nested in another's members. */
  findTag(_kind: TagKind, _name: string, _unit: string): Definition | null {
    return null;
  }

  findTypedef(_name: string, _unit: string): Definition | null {
    return null;
  }

  /** The declaration of the enum that has the enumerator. */
  findEnumerator(_name: string, _unit: string): Definition | null {
    return null;
  }

  /** The text's tokens with macros replaced as at the end of the unit. */
  expandExpression(_text: string, _unit: string): Expansion {
    return { tokens: [], problem: null };
  }

  /** Whether the name is a macro at the end of the unit. */
  isMacro(_name: string, _unit: string): boolean {
    return false;
  }

  /** What is wrong with the unit and the headers opened for it, in order of discovery. */
  problems(_unit: string): readonly SourceProblem[] {
    return [];
  }

  /** Paths of the files whose text was used so far, sorted; missing ones that were asked for are not in it. */
  filesRead(): readonly string[] {
    return [];
  }
}
