/**
 * The syntax tree of the C that kernel functions are written in. Nodes are plain data: they hold no
 * types and no meaning, so a tree may be kept for as long as its tokens stay the same.
 */

/** Where something stands; a token is a Place. For what a macro made: the place of the macro's use. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

export type BinaryOperator =
  "+" | "-" | "*" | "/" | "%" | "<<" | ">>" | "&" | "|" | "^" | "==" | "!=" | "<" | ">" | "<=" | ">=";

export type UnaryOperator = "+" | "-" | "~" | "!" | "*" | "&";

export type Expression = { readonly place: Place } & (
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "character"; readonly text: string }
  /** Adjacent literals, not yet unescaped. */
  | { readonly kind: "string"; readonly parts: readonly string[] }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expression }
  | {
      readonly kind: "step";
      readonly operator: "+" | "-";
      readonly prefix: boolean;
      readonly operand: Expression;
    }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "logical";
      readonly operator: "&&" | "||";
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `whenTrue` is null in GNU's `a ?: b`. */
  | {
      readonly kind: "conditional";
      readonly condition: Expression;
      readonly whenTrue: Expression | null;
      readonly whenFalse: Expression;
    }
  /** `operator` is null for a plain assignment. */
  | {
      readonly kind: "assign";
      readonly operator: BinaryOperator | null;
      readonly target: Expression;
      readonly value: Expression;
    }
  | { readonly kind: "comma"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "call"; readonly callee: Expression; readonly args: readonly Expression[] }
  | { readonly kind: "index"; readonly base: Expression; readonly index: Expression }
  | {
      readonly kind: "member";
      readonly base: Expression;
      readonly name: string;
      readonly arrow: boolean;
    }
  | { readonly kind: "cast"; readonly type: TypeNode; readonly operand: Expression }
  | { readonly kind: "compound"; readonly type: TypeNode; readonly value: InitializerList }
  | { readonly kind: "sizeof"; readonly of: Expression | null; readonly type: TypeNode | null }
  | { readonly kind: "alignof"; readonly of: Expression | null; readonly type: TypeNode | null }
  /** GNU statement expression. */
  | { readonly kind: "statements"; readonly body: Block }
  | {
      readonly kind: "generic";
      readonly control: Expression;
      readonly cases: readonly {
        readonly type: TypeNode | null;
        readonly value: Expression;
      }[];
    }
  /** A type name where a macro left as an identifier takes one: `container_of(p, struct s, m)`. */
  | { readonly kind: "type"; readonly type: TypeNode }
);

export type ExpressionOf<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

export interface InitializerList {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly InitializerItem[];
}

export interface InitializerItem {
  readonly designators: readonly Designator[];
  readonly value: Initializer;
}

export type Initializer = InitializerList | Expression;

export type Designator =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly first: Expression; readonly last: Expression | null };

export type TypeNode = { readonly place: Place } &
  /** `unsigned long int` as its sorted words. */
  (
    | { readonly kind: "base"; readonly words: string }
    | { readonly kind: "named"; readonly name: string }
    | {
        readonly kind: "record";
        readonly union: boolean;
        readonly tag: string | null;
        readonly fields: readonly FieldNode[] | null;
        readonly attributes: Attributes;
      }
    | {
        readonly kind: "enum";
        readonly tag: string | null;
        readonly items: readonly EnumItem[] | null;
        readonly attributes: Attributes;
      }
    | { readonly kind: "typeof"; readonly of: Expression | null; readonly type: TypeNode | null }
    | { readonly kind: "auto" }
    | { readonly kind: "pointer"; readonly to: TypeNode }
    /** `length` is null for `[]`. */
    | { readonly kind: "array"; readonly of: TypeNode; readonly length: Expression | null }
    | {
        readonly kind: "function";
        readonly returns: TypeNode;
        readonly parameters: readonly ParameterNode[];
        readonly variadic: boolean;
      }
  );

export type TypeNodeOf<K extends TypeNode["kind"]> = Extract<TypeNode, { kind: K }>;

export interface EnumItem {
  readonly name: string;
  readonly value: Expression | null;
  readonly place: Place;
}

export interface Attributes {
  readonly packed: boolean;
  readonly aligned: readonly Expression[];
  /** `__attribute__((aligned))` without a value: the greatest alignment of the target. */
  readonly alignedMost: boolean;
}

export interface FieldNode {
  /** null for an anonymous struct or union, and for an unnamed bit-field. */
  readonly name: string | null;
  readonly type: TypeNode;
  readonly bits: Expression | null;
  readonly attributes: Attributes;
  readonly place: Place;
}

export interface ParameterNode {
  readonly name: string | null;
  readonly type: TypeNode;
}

export type Storage = "auto" | "static" | "extern" | "typedef";

export interface Declaration {
  readonly kind: "declaration";
  readonly place: Place;
  readonly storage: Storage;
  readonly name: string;
  readonly type: TypeNode;
  /** The object itself is const: `const u32 a[]`, `int *const p`, but not `const int *p`. */
  readonly isConst: boolean;
  readonly initializer: Initializer | null;
  readonly attributes: Attributes;
}

export interface Block {
  readonly kind: "block";
  readonly place: Place;
  readonly items: readonly Statement[];
}

export type Statement =
  | Declaration
  | Block
  | ({ readonly place: Place } & (
      | { readonly kind: "expression"; readonly value: Expression }
      /** A bare `struct s { … };` or `enum { … };` inside a function. */
      | { readonly kind: "tag"; readonly type: TypeNode }
      | {
          readonly kind: "if";
          readonly condition: Expression;
          readonly whenTrue: Statement;
          readonly whenFalse: Statement | null;
        }
      | { readonly kind: "while"; readonly condition: Expression; readonly body: Statement }
      | { readonly kind: "do"; readonly condition: Expression; readonly body: Statement }
      | {
          readonly kind: "for";
          readonly init: readonly Statement[];
          readonly condition: Expression | null;
          readonly step: Expression | null;
          readonly body: Statement;
        }
      | { readonly kind: "switch"; readonly value: Expression; readonly body: Statement }
      /** A label is a statement of its own, in front of the one it labels. */
      | { readonly kind: "case"; readonly first: Expression; readonly last: Expression | null }
      | { readonly kind: "default" }
      | { readonly kind: "label"; readonly name: string }
      | { readonly kind: "goto"; readonly label: string }
      | { readonly kind: "break" }
      | { readonly kind: "continue" }
      | { readonly kind: "return"; readonly value: Expression | null }
      | { readonly kind: "static-assert"; readonly value: Expression }
      | {
          readonly kind: "asm";
          readonly outputs: readonly Expression[];
          readonly inputs: readonly Expression[];
        }
      /** What could not be parsed: an error only where it is executed. */
      | { readonly kind: "unparsed"; readonly reason: string }
    ));

export interface FunctionNode {
  readonly name: string;
  readonly place: Place;
  readonly type: TypeNodeOf<"function">;
  readonly body: Block;
}
