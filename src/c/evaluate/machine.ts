/**
 * The abstract machine that runs C functions: memory, calls, limits, and the answers to unknown
 * conditions. One machine follows one way through the code; see paths.ts for all of them.
 */
import type { Place } from "../parse/ast.ts";
import type { Program } from "../program.ts";
import { asRef } from "./access.ts";
import { Answers, type Condition } from "./answers.ts";
import { Leap } from "./assembly.ts";
import { compileText, spaceOf } from "./compile.ts";
import { compiledFunction } from "./compiled.ts";
import {
  Activation,
  BYTES_PER_STEP,
  type Callable,
  type CallValues,
  type CompiledFunction,
  type ObjectPlan,
  type Op,
  type Ref,
  type Runtime,
  UNKNOWN_STEPS,
} from "./context.ts";
import { convert } from "./convert.ts";
import { readPath, refOfPath, writePath } from "./field-paths.ts";
import { asThing, FieldObject, makePointee } from "./fields.ts";
import { sizeOf } from "./layout.ts";
import { ByteObject, OUTSIDE, UNINITIALISED } from "./memory.ts";
import { globalObject } from "./objects.ts";
import type { Space } from "./space.ts";
import { type CType, dynamic, INT, typeText } from "./types.ts";
import {
  type Background,
  Boxed,
  type ByteThing,
  type Frame,
  FunctionRef,
  type ListThing,
  NOWHERE,
  outside,
  Pointer,
  poison,
  type ReasonCode,
  type Stop,
  StopSignal,
  type Thing,
  Unknown,
  type Value,
  type WriteEvent,
} from "./value.ts";

export interface MachineLimits {
  /** Statements executed, with what they weigh beyond a few operators: see weight.ts. */
  readonly steps: number;
  /** Steps of all machines of one program. */
  readonly totalSteps: number;
  /** Bytes of objects alive. */
  readonly memory: number;
  /** Calls within calls. */
  readonly depth: number;
}

/**
 * A step takes less than 1 µs, whatever the code. A Linux of 6.1 to 6.12 takes 15,000 on the longest way and 45,000 in
 * all; with one of its functions renamed or a table made a loop it may be 40,000 and 300,000.
 */
export const DEFAULT_MACHINE_LIMITS: MachineLimits = {
  steps: 120_000,
  totalSteps: 600_000,
  memory: 16 << 20,
  depth: 100,
};

/** What a function replaced by the caller gets beside its arguments. */
export interface OverrideCall {
  readonly machine: Machine;
  readonly name: string;
  readonly types: readonly CType[];
  readonly place: Place;
  readonly stack: readonly Frame[];
}

/** Gives the function's value; undefined stands for nothing (void) or an unknown value. */
export type Override = (args: readonly Value[], call: OverrideCall) => Value | undefined;

export interface MachineOptions {
  readonly limits?: Partial<MachineLimits>;
  /** Functions whose code is not run, by name. */
  readonly overrides?: ReadonlyMap<string, Override>;
  /** Values of variables at file scope that the running kernel may have changed. */
  readonly globals?: ReadonlyMap<string, Value>;
  /** Told of every call to a function that has no code in the tree and is no built-in. */
  readonly onUnknownCall?: (call: UnknownCall) => void;
  /** Asked once for each condition; without it an unknown condition stops the evaluation. */
  readonly decide?: (condition: Condition) => boolean;
}

/** A call whose effects nobody knows. */
export interface UnknownCall {
  readonly name: string;
  readonly args: readonly Value[];
  readonly place: Place;
}

export type Outcome = { readonly value: Value } | { readonly stopped: Stop };

/** A write to a watched object, with the calls that led to it, innermost first. */
export interface WatchedWrite extends WriteEvent {
  readonly stack: readonly Frame[];
}

/** What a local costs that lies in memory. */
const LOCAL_STEPS = 2;

const NO_VALUES: readonly Value[] = [];

export class Machine implements Runtime {
  readonly program: Program;
  readonly space: Space;
  readonly limits: MachineLimits;
  readonly overrides: ReadonlyMap<string, Override>;
  readonly assumed: ReadonlyMap<string, Value>;
  readonly globals = new Map<ObjectPlan, Pointer>();
  frame: Activation | null = null;
  steps = 0;
  /** Where the steps end: at the machine's own limit or where the program has none left. */
  private most: number;
  /** Steps that the program knows of. */
  private booked = 0;
  private readonly onUnknownCall: ((call: UnknownCall) => void) | null;
  private memory = 0;
  private depth = 0;
  private readonly answers: Answers;
  private readonly pointees = new Map<string, ByteThing | ListThing>();

  constructor(program: Program, options: MachineOptions = {}) {
    this.program = program;
    this.space = spaceOf(program);
    this.limits = { ...DEFAULT_MACHINE_LIMITS, ...options.limits };
    this.most = this.limits.steps;
    this.overrides = options.overrides ?? new Map();
    this.assumed = options.globals ?? new Map();
    this.answers = new Answers(options.decide ?? null);
    this.onUnknownCall = options.onUnknownCall ?? null;
  }

  // ---- What the caller hands in ----

  /** An object of `size` known bytes. */
  bytes(name: string, size: number, fill: number): Pointer {
    const object = new ByteObject({ name, type: null, size, background: UNINITIALISED });
    object.fill(fill);
    return new Pointer(object);
  }

  /** A struct from outside, by reference; its fields are unknown until they are written. */
  opaque(typeName: string, name: string): Pointer {
    const type = dynamic(typeName);
    return new Pointer(new FieldObject({ name, separator: "->", type, background: OUTSIDE }));
  }

  /** The field at a path such as `vcpu.arch.apic`; its address where it is a struct. */
  field(base: Value, path: string): Value {
    return readPath(this, base, path);
  }

  /** Sets the field at a path. Plain numbers take the field's type where that is known. */
  setField(base: Value, path: string, value: Value): void {
    writePath(this, base, path, value);
  }

  /** Where the field at a path lies: for fields that are structs or byte arrays. */
  fieldRef(base: Value, path: string): Ref {
    return refOfPath(this, base, path);
  }

  /** Calls `watcher` on every write to the object, with the stack at that moment. */
  onWrite(pointer: Pointer, watcher: (write: WatchedWrite) => void): void {
    if (pointer.object.kind !== "bytes") throw new TypeError("only byte objects can be watched");
    pointer.object.watch = (event) => watcher({ ...event, stack: this.stack() });
  }

  // ---- Running ----

  /**
   * Calls a function of the program as seen from `unit`. Arguments are converted to the parameters'
   * types. Gives the value, or why the evaluation stopped; only errors of the source tree are thrown.
   */
  call(name: string, args: readonly Value[], unit: string): Outcome {
    return this.guarded(() => {
      const place: Place = { file: unit, line: 0 };
      const callable = compiledFunction(this.space, name, unit);
      return this.invokeNamed(callable, name, { args, types: args.map(() => dynamic(name)), place });
    });
  }

  /** The value of an expression as it would stand at the end of `unit`. */
  evaluate(text: string, unit: string): Outcome {
    return this.guarded(() => {
      const operand = compileText(this.space, text, unit);
      const frame = new Activation(this, "", { file: unit, line: 0 });
      return convert(operand.run(frame), operand.type, operand.type, NOWHERE);
    });
  }

  private guarded(run: () => Value): Outcome {
    const { frame, depth, most } = this;
    const left = this.limits.totalSteps - this.space.steps;
    this.most = Math.min(this.limits.steps, this.steps + left);
    try {
      return { value: run() };
    } catch (error) {
      const signal = stopOf(error);
      if (signal === null) throw error;
      const { code, message, place } = signal;
      return {
        stopped: {
          code,
          reason: message,
          place: placeOnly(place.file === "" ? this.place : place),
          stack: this.stack(),
        },
      };
    } finally {
      this.frame = frame;
      this.depth = depth;
      this.most = most;
      this.space.steps += this.steps - this.booked;
      this.booked = this.steps;
    }
  }

  /** The calls that led here, innermost first. */
  stack(): Frame[] {
    const frames: Frame[] = [];
    for (let at = this.frame; at !== null; at = at.caller) {
      frames.push({ function: at.name, file: at.place.file, line: at.place.line });
    }
    return frames;
  }

  /** Where the evaluation is. */
  get place(): Place {
    return this.frame?.place ?? NOWHERE;
  }

  /** Calls whatever a name stands for: the caller's replacement, the code, or nothing known. */
  invokeNamed(callable: Callable, name: string, call: CallValues): Value {
    const override = this.overrides.get(name);
    if (override !== undefined) return this.runOverride(override, name, call, callable.returns);
    if (callable.kind === "code") return this.runCode(callable, this.converted(callable, call), call.place);
    if (callable.kind === "broken") throw new StopSignal(callable.code, callable.reason, callable.place);
    return this.callUnknown(name, callable.returns, call);
  }

  private runOverride(override: Override, name: string, call: CallValues, returns: CType | null): Value {
    const value = override(call.args, {
      machine: this,
      name,
      types: call.types,
      place: call.place,
      stack: this.stack(),
    });
    if (value === undefined) return outside(`${name}()`, call.place, "unknown-function");
    return convert(value, dynamic(name), returns ?? dynamic(name), call.place);
  }

  private converted(callable: CompiledFunction, call: CallValues): Value[] {
    const { parameters } = callable.type;
    if (call.args.length < parameters.length) {
      throw new StopSignal("unsupported", `too few arguments to ${callable.name}()`, call.place);
    }
    return call.args.map((arg, i) => {
      const from = call.types[i] ?? INT;
      const to = parameters[i] ?? from;
      return from === to ? arg : convert(arg, from, to, call.place);
    });
  }

  /** Runs the code of a function on arguments that have the types of its parameters. */
  runCode(callable: CompiledFunction, args: readonly Value[], place: Place): Value {
    if (this.depth >= this.limits.depth) {
      throw new StopSignal("depth-limit", `more than ${this.limits.depth} calls within calls`, place);
    }
    const { parameters, ops } = callable;
    const varargs = args.length > parameters.length ? args.slice(parameters.length) : NO_VALUES;
    const frame = new Activation(this, callable.name, callable.place, varargs);
    this.depth++;
    this.frame = frame;
    for (let i = 0; i < parameters.length; i++) parameters[i]?.(frame, args[i] ?? 0);
    this.follow(ops, frame);
    this.leave(frame);
    return frame.returned;
  }

  /** Runs steps until one leads out; `return` within a statement expression leaves all of them. */
  private follow(ops: readonly Op[], frame: Activation): void {
    try {
      this.runSteps(ops, frame);
    } catch (error) {
      if (!(error instanceof Leap)) throw error;
    }
  }

  runSteps(ops: readonly Op[], frame: Activation): void {
    for (let pc = 0; pc >= 0;) {
      if (++this.steps > this.most) this.tooManySteps();
      const op = ops[pc];
      pc = op === undefined ? -1 : op(frame);
    }
  }

  private tooManySteps(): never {
    const { steps, totalSteps } = this.limits;
    const reason = this.steps > steps ? `more than ${steps} steps` : `more than ${totalSteps} steps in all`;
    throw new StopSignal("step-limit", reason, this.place);
  }

  /** Work done by a built-in in one go, in steps. */
  spend(steps: number): void {
    this.steps += Math.floor(steps);
    if (this.steps > this.most) this.tooManySteps();
  }

  private leave(frame: Activation): void {
    for (const object of frame.owned ?? []) object.alive = false;
    this.memory -= frame.memory;
    this.depth--;
    this.frame = frame.caller;
  }

  /** A function nobody knows: its value is unknown, and so is every byte object it got the address of. */
  private callUnknown(name: string, returns: CType | null, call: CallValues): Value {
    this.onUnknownCall?.({ name, args: call.args, place: call.place });
    for (const arg of call.args) {
      if (arg instanceof Pointer && arg.object.kind === "bytes") {
        this.forget(arg.object, `${name}()`, "unknown-function", call.place);
      }
    }
    const text = `${name}(${call.args.map((arg) => this.textOf(arg)).join(", ")})`;
    const why = { code: "unknown-function" as const, reason: `${name}() is not known`, place: call.place };
    return convert(new Unknown(text, why), dynamic(name), returns ?? dynamic(name), call.place);
  }

  /** An argument or operand in C's words. */
  textOf(value: Value): string {
    if (value instanceof Unknown) return value.text;
    if (value instanceof FunctionRef) return value.name;
    if (value instanceof Boxed) return value.value.toString();
    if (!(value instanceof Pointer)) return value.toString();
    const { object } = value;
    const named = object.kind === "fields" && object.separator === "->";
    return named
      ? object.name
      : `&${object.kind === "bytes" && value.offset > 0 ? object.path(value.offset, 1) : object.name}`;
  }

  // ---- Memory ----

  /** Counts bytes towards the limit before they are allocated, and the work to fill them as steps. */
  charge(bytes: number, place: Place): void {
    this.memory += bytes;
    if (this.memory > this.limits.memory) {
      throw new StopSignal("memory-limit", `objects of more than ${this.limits.memory} bytes`, place);
    }
    this.spend(bytes / BYTES_PER_STEP);
  }

  /** An object of a type; by fields where its layout is not known. */
  allocate(name: string, type: CType, background: Background, place: Place): Thing {
    const size = sizeOf(type);
    if (size === null) return this.allocateOpen(name, type, background, place);
    this.charge(size, place);
    return new ByteObject({ name, type, size, background });
  }

  private allocateOpen(name: string, type: CType, background: Background, place: Place): Thing {
    if (type.kind !== "record" && type.kind !== "dynamic") {
      throw new StopSignal("missing-type", `the size of ${typeText(type)} is not known`, place);
    }
    return new FieldObject({ name, separator: ".", type, background });
  }

  /** An object that lives as long as the function that runs. */
  allocateLocal(frame: Activation, name: string, type: CType, background: Background): Pointer {
    const object = this.allocate(name, type, background, frame.place);
    if (object.kind === "bytes") {
      this.spend(LOCAL_STEPS);
      frame.memory += object.size;
      (frame.owned ??= new Set()).add(object);
    }
    return new Pointer(object);
  }

  /** A local whose declaration is reached again makes room for its successor: nothing may hold it alive. */
  release(frame: Activation, object: ByteThing): void {
    object.alive = false;
    frame.owned?.delete(object);
    this.memory -= object.size;
    frame.memory -= object.size;
  }

  /** Makes an object's contents unknown. Structs from outside are left alone. */
  forget(object: Thing, cause: string, code: ReasonCode, place: Place): void {
    if (object.kind === "fields") return;
    if (object.readonly) throw new StopSignal("invalid-pointer", `write to const ${object.name}`, place);
    this.spend(object.size / BYTES_PER_STEP);
    object.forget({ kind: "outside", code, suffix: ` after ${cause}` });
  }

  /** What an unknown pointer points to; its name is its identity. */
  pointee(pointer: Unknown, to: CType): Value {
    let found = this.pointees.get(pointer.text);
    if (found === undefined) this.pointees.set(pointer.text, (found = makePointee(pointer, to)));
    this.spend(UNKNOWN_STEPS);
    this.answers.followed(pointer);
    return new Pointer(found.kind === "list" ? asThing(found) : found);
  }

  /** The place that a pointer value leads to. */
  deref(value: Value, to: CType, place: Place): Ref {
    if (value instanceof Pointer) return value;
    if (value instanceof Unknown) return value.poison ? value : asRef(this.pointee(value, to), place);
    if (typeof value === "bigint") return value;
    if (value instanceof Boxed || typeof value === "number")
      return BigInt(value instanceof Boxed ? value.value : value);
    return poison("invalid-pointer", `the code of ${value.name} used as data`, place);
  }

  /** The variable at file scope; made from its initialiser when first used. */
  global(plan: ObjectPlan): Pointer {
    let found = this.globals.get(plan);
    if (found === undefined) this.globals.set(plan, (found = new Pointer(globalObject(this, plan))));
    return found;
  }

  settle(value: Value, type: CType): Value {
    return value instanceof Unknown ? this.answers.settle(value, type) : value;
  }

  truth(value: Value, place: Place): boolean {
    return this.answers.truth(value, place);
  }
}

/** A stop, also where JavaScript's own stack ended first; null for errors of the source tree. */
function stopOf(error: unknown): StopSignal | null {
  if (error instanceof StopSignal) return error;
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return new StopSignal("depth-limit", "code nested too deeply", NOWHERE);
  }
  return null;
}

/** Tokens serve as places inside; outside only file and line count. */
function placeOnly({ file, line }: Place): Place {
  return { file, line };
}

export type { Condition } from "./answers.ts";
