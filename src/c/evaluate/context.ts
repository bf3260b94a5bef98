/** What the compiler of expressions and statements knows at a place in the source. */
import type { Integer } from "./arithmetic.ts";
import type { Expression, FunctionNode, Initializer, Place, Statement, TypeNode } from "../parse/ast.ts";
import type { Definition } from "../source.ts";
import { Scope } from "./scope.ts";
import type { CType, FunctionType, IntType, RecordType } from "./types.ts";
import type { Background, ByteThing, Pointer, ReasonCode, Thing, Unknown, Value } from "./value.ts";

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
  /** Set where it may lie in an object at file scope. */
  readonly table?: TablePlace | undefined;
}

/** A place in an object at file scope: `start` bytes from its beginning, and further by what the indices say. */
export interface TablePlace {
  readonly plan: ObjectPlan;
  readonly start: number;
  readonly indices: readonly TableIndex[];
}

/** An index into an array of `length` elements of `size` bytes. */
export interface TableIndex {
  readonly run: Code;
  readonly size: number;
  readonly length: number;
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
  /** Why the definition, which is there, cannot be read; null if it can. */
  readonly flaw: string | null;
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

/** Bytes that are moved, cleared or forgotten in the time of a step. */
export const BYTES_PER_STEP = 1024;
/** What an operator or a pointer costs of which something is not known. */
export const UNKNOWN_STEPS = 2;

/** What running code asks of the machine; see machine.ts. */
export interface Runtime {
  readonly space: SpaceView;
  readonly overrides: ReadonlyMap<string, unknown>;
  readonly assumed: ReadonlyMap<string, Value>;
  frame: Activation | null;
  settle(value: Value, type: CType): Value;
  truth(value: Value, place: Place): boolean;
  deref(value: Value, to: CType, place: Place): Ref;
  pointee(pointer: Unknown, to: CType): Value;
  forget(object: Thing, cause: string, code: ReasonCode, place: Place): void;
  global(plan: ObjectPlan): Pointer;
  allocate(name: string, type: CType, background: Background, place: Place): Thing;
  allocateLocal(frame: Activation, name: string, type: CType, background: Background): Pointer;
  release(frame: Activation, object: ByteThing): void;
  spend(steps: number): void;
  textOf(value: Value): string;
  runSteps(ops: readonly Op[], frame: Activation): void;
  invokeNamed(callable: Callable, name: string, call: CallValues): Value;
  runCode(callable: CompiledFunction, args: readonly Value[], place: Place): Value;
}

export interface CallValues {
  readonly args: readonly Value[];
  readonly types: readonly CType[];
  readonly place: Place;
}

/** What the compiler asks of the program's types and names; see space.ts. */
export interface SpaceView {
  readonly rules: CompilerRules;
  readonly charSigned: boolean;
  readonly charType: IntType;
  readonly nodeTypes: WeakMap<TypeNode, CType>;
  readonly enums: WeakMap<TypeNode, EnumValues>;
  readonly compiled: Map<FoundFunction, Callable>;
  readonly constants: Map<ObjectPlan, Thing>;
  /** Told of every branch that is compiled while it is set; see trace.ts. */
  readonly onBranch: ((place: Place, taken: string) => void) | null;
  isTypedef(name: string, unit: string): boolean;
  isTargetNode(node: Expression): boolean;
  fileContext(unit: string): Context;
  functionContext(unit: string, returns: CType, addressed: ReadonlySet<string>): Context;
  function(name: string, unit: string): FoundFunction | null;
  definesFunction(name: string, unit: string): boolean;
  object(name: string, unit: string): ObjectPlan | null;
  typedef(name: string, unit: string): CType;
  record(word: "struct" | "union", tag: string, unit: string): RecordType;
  enumeration(tag: string, unit: string): CType;
  enumerator(name: string, unit: string): Entry | null;
}

/** A step of compiled code: does its work and tells which step follows; -1 leaves the code. */
export type Op = (frame: Activation) => number;

/** What a name that is called stands for. */
export type Callable = CompiledFunction | BrokenFunction | UnknownFunction;

export interface CompiledFunction {
  readonly kind: "code";
  readonly name: string;
  readonly type: FunctionType;
  readonly returns: CType;
  readonly place: Place;
  /** Put an argument where the code looks for it. */
  readonly parameters: readonly ((frame: Activation, value: Value) => void)[];
  readonly ops: readonly Op[];
}

/** There is code, but it cannot be taken as it stands. */
interface BrokenFunction {
  readonly kind: "broken";
  readonly returns: CType | null;
  readonly code: ReasonCode;
  readonly reason: string;
  readonly place: Place;
}

/** No code in the tree. */
interface UnknownFunction {
  readonly kind: "unknown";
  readonly returns: CType | null;
}

export interface FoundFunction {
  readonly definition: Definition;
  /** null: only declared, or not to be parsed; then `reason` tells why. */
  readonly node: FunctionNode | null;
  readonly type: CType;
  readonly reason: string | null;
  readonly place: Place;
}

export interface EnumValues {
  readonly type: IntType;
  readonly values: ReadonlyMap<string, { readonly value: Integer; readonly type: IntType }>;
}

/** A function while it runs. */
export class Activation {
  readonly machine: Runtime;
  readonly caller: Activation | null;
  readonly name: string;
  readonly slots: Value[];
  readonly varargs: readonly Value[];
  place: Place;
  returned: Value = 0;
  /** Objects whose life ends with the function. */
  owned: Set<ByteThing> | null = null;
  memory = 0;

  constructor(machine: Runtime, name: string, place: Place, varargs: readonly Value[] = []) {
    this.machine = machine;
    this.caller = machine.frame;
    this.name = name;
    this.slots = [];
    this.place = place;
    this.varargs = varargs;
  }
}

export class Context {
  readonly space: SpaceView;
  readonly unit: string;
  readonly plan: Plan;
  scope: Scope<Entry> | null;

  constructor(space: SpaceView, unit: string, plan: Plan, scope: Scope<Entry> | null = null) {
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
    this.scope = new Scope(this.scope, name, entry);
  }

  lookup(name: string): Entry | null {
    return this.scope?.find(name) ?? null;
  }

  newSlot(): number {
    return this.plan.slots++;
  }
}
