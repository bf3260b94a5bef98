/** What the compiler of expressions and statements knows at a place in the source. */
import type { Expression, Initializer, Place, Statement, TypeNode } from "./ast.ts";
import type { Activation } from "./activation.ts";
import type { Space } from "./space.ts";
import type { CType, IntType } from "./types.ts";
import type { Pointer, Unknown, Value } from "./value.ts";

export type Code = (frame: Activation) => Value;

/** An expression's value, compiled. */
export interface Operand {
  readonly type: CType;
  readonly run: Code;
  /** Known without running anything. */
  readonly constant?: number | bigint | undefined;
  /** Width, where the value is that of a bit-field: it decides the promotion. */
  readonly bits?: number | undefined;
}

/** Where a value lies; bigint: at an integer address (null); Unknown: no telling. */
export type Ref = Pointer | Unknown | bigint;

/** An expression that names an object. */
export interface Target {
  readonly type: CType;
  readonly bits: number | null;
  /** A scalar local that nobody takes the address of lives in a slot of its frame, not in memory. */
  readonly slot: number | null;
  readonly ref: (frame: Activation) => Ref;
}

export type Entry =
  | {
      readonly kind: "local";
      readonly name: string;
      readonly slot: number;
      readonly type: () => CType;
      readonly inMemory: () => boolean;
    }
  | { readonly kind: "object"; readonly plan: ObjectPlan }
  | { readonly kind: "typedef"; readonly type: () => CType }
  | { readonly kind: "enumerator"; readonly value: number | bigint; readonly type: IntType }
  | { readonly kind: "tag"; readonly type: CType };

/** A chain that grows by one name a declaration, so that code compiled late sees what stood before it. */
export interface Scope {
  readonly parent: Scope | null;
  readonly name: string;
  readonly entry: Entry;
}

/** An object with static storage: at file scope or a function's `static`. */
export interface ObjectPlan {
  readonly name: string;
  readonly type: () => CType;
  /** Its initialiser holds for ever; else the running kernel may have changed it. */
  readonly isConst: boolean;
  readonly defined: boolean;
  readonly initializer: Initializer | null;
  readonly context: Context;
  readonly place: Place;
}

/** What is gathered while one function is compiled. */
export interface Plan {
  slots: number;
  /** Names whose address is taken somewhere in the function. */
  readonly addressed: ReadonlySet<string>;
  readonly returns: CType;
}

/** Entry points that the compiler's files call across each other. */
export interface CompilerRules {
  value(cx: Context, node: Expression): Operand;
  target(cx: Context, node: Expression): Target;
  type(cx: Context, node: TypeNode): CType;
  call(cx: Context, node: Expression & { kind: "call" }): Operand;
  statements(cx: Context, node: Expression & { kind: "statements" }): Operand;
  completeArray(cx: Context, type: CType, initializer: Initializer | null): CType;
  declareTags(cx: Context, statements: readonly Statement[]): void;
}

export class Context {
  readonly space: Space;
  readonly unit: string;
  readonly plan: Plan;
  scope: Scope | null;

  constructor(space: Space, unit: string, plan: Plan, scope: Scope | null = null) {
    this.space = space;
    this.unit = unit;
    this.plan = plan;
    this.scope = scope;
  }

  get rules(): CompilerRules {
    return this.space.rules;
  }

  /** The same place, independent of what is declared afterwards. */
  fork(): Context {
    return new Context(this.space, this.unit, this.plan, this.scope);
  }

  declare(name: string, entry: Entry): void {
    this.scope = { parent: this.scope, name, entry };
  }

  lookup(name: string): Entry | null {
    for (let at = this.scope; at !== null; at = at.parent) if (at.name === name) return at.entry;
    return null;
  }

  newSlot(): number {
    return this.plan.slots++;
  }
}
