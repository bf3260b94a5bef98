/**
 * Variables at file scope and function statics. A const one is its initialiser. Any other may have been
 * changed by the running kernel before our function is called: it is unknown unless the caller assumes
 * a value for it, or it is a table. So are those that are only declared.
 */
import { store } from "./access.ts";
import type { Place } from "../parse/ast.ts";
import { Activation, type ObjectPlan, type Runtime } from "./context.ts";
import { convert } from "./convert.ts";
import { asThing, makeThing } from "./fields.ts";
import { initialise } from "./initializers.ts";
import { OUTSIDE, ZERO } from "./memory.ts";
import { type CType, dynamic } from "./types.ts";
import { type Background, Pointer, type Thing, type Value } from "./value.ts";

export function globalObject(machine: Runtime, plan: ObjectPlan): Thing {
  const assumed = machine.assumed.get(plan.name);
  if (assumed !== undefined) return assumedObject(machine, plan, assumed);
  if (plan.flaw !== null) return unreadableObject(plan, plan.flaw);
  if (plan.isConst && plan.defined) return constantObject(machine, plan);
  if (isTable(plan)) return staticObject(machine, plan);
  return asThing(makeThing(plan.name, plan.type(), OUTSIDE, null));
}

/** An array with a list of values is a table, also where nobody wrote const: it is taken as it is initialised. */
function isTable(plan: ObjectPlan): boolean {
  return plan.defined && plan.initializer?.kind === "list" && plan.type().kind === "array";
}

function assumedObject(machine: Runtime, plan: ObjectPlan, value: Value): Thing {
  const type = plan.type();
  if (value instanceof Pointer && (type.kind === "record" || type.kind === "array")) return value.object;
  const object = asThing(makeThing(plan.name, type, OUTSIDE, null));
  store(machine, new Pointer(object), type, convert(value, dynamic(plan.name), type, plan.place), plan.place);
  return object;
}

/** No question for a person: the tree says what it is, only it is not to be had. */
function unreadableObject(plan: ObjectPlan, flaw: string): Thing {
  const background: Background = { kind: "poison", code: "syntax", reason: `${plan.name}: ${flaw}` };
  return asThing(makeThing(plan.name, plan.type(), background, null));
}

/** Shared by all machines of the program: nobody can write to it. */
function constantObject(machine: Runtime, plan: ObjectPlan): Thing {
  const { constants } = machine.space;
  const known = constants.get(plan);
  if (known !== undefined) return known;
  const made = staticObject(machine, plan);
  if (made.kind === "bytes") made.readonly = true;
  constants.set(plan, made);
  return made;
}

function staticObject(machine: Runtime, plan: ObjectPlan): Thing {
  const type: CType = plan.type();
  const background: Background = ZERO;
  const object = machine.allocate(plan.name, type, background, plan.place);
  if (plan.initializer !== null) initialiseAt(machine, plan, new Pointer(object), plan.place);
  return object;
}

function initialiseAt(machine: Runtime, plan: ObjectPlan, to: Pointer, place: Place): void {
  if (plan.initializer === null) return;
  const frame = new Activation(machine, plan.name, place);
  initialise(plan.context, plan.type(), plan.initializer)(frame, to);
}
