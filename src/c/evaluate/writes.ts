/** The writes that an initialiser stands for. */
import { asRef, store } from "./access.ts";
import { advance } from "./advance.ts";
import type { Place } from "../parse/ast.ts";
import type { Activation, Code, Ref } from "./context.ts";
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
  readonly place: Place;
}

export function perform(frame: Activation, at: Ref, write: Write, depth: number): void {
  const step = write.path[depth];
  const { machine } = frame;
  if (step === undefined) {
    if (write.code === null) clear(at, write.type);
    else store(machine, at, write.type, write.code(frame), write.place);
    return;
  }
  if (step.kind === "field") {
    perform(frame, memberRef(machine, at, step.record, step.name, write.place), write, depth + 1);
    return;
  }
  for (let i = step.first; i <= step.last; i++) {
    if (i > step.first) machine.spend(1);
    perform(frame, asRef(advance(machine, at, step.of, i, write.place), write.place), write, depth + 1);
  }
}

function clear(at: Ref, type: CType): void {
  const size = sizeOf(type);
  if (at instanceof Pointer && at.object.kind === "bytes" && size !== null)
    at.object.fill(0, at.offset, size);
}
