/** The writes that an initialiser stands for. */
import { asRef, store } from "./access.ts";
import { advance } from "./advance.ts";
import type { Place } from "../parse/ast.ts";
import { BYTES_PER_STEP, type Activation, type Code, type Ref, type Runtime } from "./context.ts";
import { sizeOf } from "./layout.ts";
import { memberRef } from "./members.ts";
import type { CType, RecordType } from "./types.ts";
import { Pointer } from "./value.ts";

/** On the way from the object to the piece that is written. */
export type Step =
  | { readonly kind: "field"; readonly record: RecordType; readonly name: string }
  | { readonly kind: "index"; readonly of: CType; readonly first: number; readonly last: number };

export interface Write {
  readonly path: readonly Step[];
  readonly type: CType;
  /** null: the piece is cleared, as it is initialised once more. */
  readonly code: Code | null;
  /** Steps that running the code costs. */
  readonly weight: number;
  readonly place: Place;
}

/** What a piece costs that is written. */
const WRITE_STEPS = 2;
/** On the way to a piece that is written. */
const LEVELS_PER_STEP = 4;

export function perform(frame: Activation, at: Ref, write: Write, depth: number): void {
  const step = write.path[depth];
  const { machine } = frame;
  if (step === undefined) {
    machine.spend(WRITE_STEPS + write.weight + Math.floor(depth / LEVELS_PER_STEP));
    if (write.code === null) clear(machine, at, write.type);
    else store(machine, at, write.type, write.code(frame), write.place);
    return;
  }
  if (step.kind === "field") {
    perform(frame, memberRef(machine, at, step.record, step.name, write.place), write, depth + 1);
    return;
  }
  for (let i = step.first; i <= step.last; i++) {
    perform(frame, asRef(advance(machine, at, step.of, i, write.place), write.place), write, depth + 1);
  }
}

function clear(machine: Runtime, at: Ref, type: CType): void {
  const size = sizeOf(type);
  if (!(at instanceof Pointer) || at.object.kind !== "bytes" || size === null) return;
  machine.spend(size / BYTES_PER_STEP);
  at.object.fill(0, at.offset, size);
}
