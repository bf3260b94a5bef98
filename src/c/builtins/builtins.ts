/**
 * What the evaluator knows itself, in one table: gcc's built-ins, and the kernel's vocabulary where the
 * tree's own form is too deep or ends in assembly. A function of the same name defined in the .c file
 * under evaluation goes before these.
 */
import { BIT_BUILTINS } from "./builtin-bits.ts";
import { GCC_BUILTINS } from "./builtin-gcc.ts";
import { KERNEL_BUILTINS } from "./builtin-kernel.ts";
import { MEMORY_BUILTINS } from "./builtin-memory.ts";
import { isSilent, SILENT_NAMES } from "./builtin-silent.ts";
import type { Builtin } from "./builtin.ts";
import { VOID } from "../evaluate/types.ts";

export type { Builtin } from "./builtin.ts";

const BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({ ...GCC_BUILTINS, ...BIT_BUILTINS, ...MEMORY_BUILTINS, ...KERNEL_BUILTINS }),
);

const silent: Builtin = () => ({ type: VOID, run: () => 0 });

/** null: no built-in of that name. */
export function findBuiltin(name: string): Builtin | null {
  return BUILTINS.get(name) ?? (isSilent(name) ? silent : null);
}

/**
 * Names the preprocessor must leave alone although the tree defines macros of that name
 * (CConfig.keptNames): the evaluator gives their meaning.
 */
export const KEPT_NAMES: readonly string[] = [
  ...[...BUILTINS.keys()].filter((name) => !name.startsWith("__builtin_")),
  ...SILENT_NAMES,
];
