import type { Token } from "../text/token.ts";
import type {
  Block,
  Expression,
  Initializer,
  InitializerList,
  ParameterNode,
  Statement,
  TypeNode,
} from "./ast.ts";
import { Cursor } from "./cursor.ts";
import { WELL_KNOWN_TYPES } from "./well-known-types.ts";

/** The grammar's rules that call each other across files. */
export interface Rules {
  expression(p: Parser): Expression;
  assignment(p: Parser): Expression;
  conditional(p: Parser): Expression;
  typeName(p: Parser): TypeNode;
  parameterList(p: Parser): { parameters: ParameterNode[]; variadic: boolean };
  initializer(p: Parser): Initializer;
  initializerList(p: Parser): InitializerList;
  block(p: Parser): Block;
  declaration(p: Parser): Statement[];
}

/** Tells whether a name that is not declared in the function itself is a typedef. */
export type IsTypedef = (name: string) => boolean;

const TYPE_WORDS = new Set([
  ...["void", "char", "short", "int", "long", "signed", "unsigned", "_Bool", "float", "double"],
  ...["__int128", "__signed__", "__signed", "struct", "union", "enum", "typeof", "__typeof__"],
  ...["__typeof", "typeof_unqual", "__auto_type", "_Complex"],
]);

const DECLARATION_WORDS = new Set([
  ...["const", "volatile", "restrict", "static", "extern", "typedef", "register", "auto"],
  ...["inline", "__inline", "__inline__", "__attribute__", "__attribute", "_Alignas"],
  ...["_Static_assert", "static_assert", "__volatile__", "__const", "__const__", "_Thread_local"],
  ...["__always_inline", "__maybe_unused", "__label__"],
]);

/** A cursor that knows which names the function declares itself. */
export class Parser extends Cursor {
  readonly rules: Rules;
  private readonly outerTypedef: IsTypedef;
  /** Innermost last; true for a typedef, false for a variable. */
  private readonly scopes: Map<string, boolean>[] = [new Map()];

  constructor(tokens: readonly Token[], rules: Rules, isTypedef: IsTypedef) {
    super(tokens);
    this.rules = rules;
    this.outerTypedef = isTypedef;
  }

  inScope<T>(parse: () => T): T {
    this.scopes.push(new Map());
    const result = parse();
    this.scopes.pop();
    return result;
  }

  get scopeDepth(): number {
    return this.scopes.length;
  }

  /** Back to what held before a statement that could not be parsed. */
  restore(depth: number, scopeDepth: number): void {
    this.depth = depth;
    this.scopes.length = scopeDepth;
  }

  declare(name: string, isTypedef: boolean): void {
    this.scopes[this.scopes.length - 1]?.set(name, isTypedef);
  }

  /** true: typedef of the function; false: its variable; undefined: not its own. */
  own(name: string): boolean | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const known = this.scopes[i]?.get(name);
      if (known !== undefined) return known;
    }
    return undefined;
  }

  /** A typedef that needs no look-up in the tree. */
  isKnownType(name: string): boolean {
    return this.own(name) ?? WELL_KNOWN_TYPES.has(name);
  }

  /** A typedef, found in the tree if need be. */
  isType(name: string): boolean {
    return this.own(name) ?? (WELL_KNOWN_TYPES.has(name) || this.outerTypedef(name));
  }

  isTypeWord(token: Token): boolean {
    return token.kind === "identifier" && TYPE_WORDS.has(token.text);
  }

  isDeclarationWord(token: Token): boolean {
    return token.kind === "identifier" && (TYPE_WORDS.has(token.text) || DECLARATION_WORDS.has(token.text));
  }
}
