/**
 * Where something lies in an object at file scope, as a plain number of bytes: loops over tables read
 * `table[i].member` thousands of times, and need no pointer for each step.
 */
import type { Activation, Code, ObjectPlan, Operand, TablePlace } from "./context.ts";
import { findField, sizeOf } from "./layout.ts";
import type { CType } from "./types.ts";

export function tableStart(plan: ObjectPlan): TablePlace {
  return { plan, offset: () => 0 };
}

export function tableMember(base: TablePlace | undefined, type: CType, name: string): TablePlace | undefined {
  const found = type.kind === "record" ? findField(type, name) : null;
  if (base === undefined || found === null || found.offset === null || found.shift !== null) return undefined;
  const { offset } = found;
  return { plan: base.plan, offset: (frame) => base.offset(frame) + offset };
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
  return { plan: base.plan, offset: elementOffset(base, index.run, { size, length: type.length }) };
}

function elementOffset(
  base: TablePlace,
  index: Code,
  { size, length }: { size: number; length: number },
): (frame: Activation) => number {
  return (frame) => {
    const at = index(frame);
    return typeof at === "number" && at >= 0 && at < length ? base.offset(frame) + at * size : Number.NaN;
  };
}
