/**
 * Where something lies in an object at file scope, as a plain number of bytes: loops over tables read
 * `table[i].member` thousands of times, and need no pointer for each step.
 */
import type { Place } from "../parse/ast.ts";
import { loadInteger } from "./access.ts";
import type { Activation, Code, ObjectPlan, Operand, Runtime, TableIndex, TablePlace } from "./context.ts";
import { findField, sizeOf } from "./layout.ts";
import type { CType, IntType } from "./types.ts";
import type { Thing } from "./value.ts";

export function tableStart(plan: ObjectPlan): TablePlace {
  return { plan, start: 0, indices: [] };
}

export function tableMember(base: TablePlace | undefined, type: CType, name: string): TablePlace | undefined {
  const found = type.kind === "record" ? findField(type, name) : null;
  if (base === undefined || found === null || found.offset === null || found.shift !== null) return undefined;
  return { ...base, start: base.start + found.offset };
}

/** `isPlain`: running the index twice is no more than running it once. */
export function tableElement(
  base: TablePlace | undefined,
  type: CType,
  index: Operand,
  isPlain: boolean,
): TablePlace | undefined {
  if (base === undefined || !isPlain || type.kind !== "array" || type.length === null) return undefined;
  const size = sizeOf(type.of);
  if (size === null) return undefined;
  return { ...base, indices: [...base.indices, { run: index.run, size, length: type.length }] };
}

/** Reads the integer at the place; where an index is not a number within its array, `otherwise` does. */
export function tableCode(
  { plan, start, indices }: TablePlace,
  type: IntType,
  place: Place,
  otherwise: Code,
): Code {
  const [only] = indices;
  const offset =
    only !== undefined && indices.length === 1
      ? (frame: Activation) => start + distance(only, frame)
      : (frame: Activation) => indices.reduce((sum, index) => sum + distance(index, frame), start);
  let machine: Runtime | null = null;
  let object: Thing | null = null;
  return (frame) => {
    const at = indices.length === 0 ? start : offset(frame);
    if (frame.machine !== machine) {
      machine = frame.machine;
      object = machine.global(plan).object;
    }
    if (object?.kind !== "bytes" || Number.isNaN(at)) return otherwise(frame);
    return loadInteger(machine, object, at, type, place);
  };
}

/** In bytes; NaN for what is no element. */
function distance({ run, size, length }: TableIndex, frame: Activation): number {
  const at = run(frame);
  return typeof at === "number" && at >= 0 && at < length ? at * size : Number.NaN;
}
