/**
 * C as kernel functions are written in it: preprocessed, parsed and evaluated. Knows nothing of KVM.
 *
 *   const program = new Program(tree, config);
 *   const machine = new Machine(program, { globals: new Map([["enable", 1]]) });
 *   const outcome = machine.call("f", [1, 2n, machine.opaque("struct s", "s")], "dir/file.c");
 *
 * Values: integers of up to 32 bits are numbers, wider ones bigint (arguments may be either, they are
 * converted to the parameters' types); Pointer; FunctionRef; Unknown {text, code, reason, place}.
 * `opaque` objects need no type: they take the type under which they are first seen. Frames of a stack
 * come innermost first; each line is where that function stood: at the write, or at the call.
 */
export { FALLBACK_MACROS } from "./builtins/fallback-macros.ts";
export { KEPT_NAMES } from "./builtins/builtins.ts";
export {
  type Condition,
  Machine,
  type MachineLimits,
  type MachineOptions,
  type Outcome,
  type Override,
  type OverrideCall,
  type UnknownCall,
  type WatchedWrite,
} from "./evaluate/machine.ts";
export { type Answer, type Bound, type Exploration, explorePaths, type Path } from "./evaluate/paths.ts";
export { TracedMachine, type TracedCall, type Tracer } from "./evaluate/trace.ts";
export { Program, type ProgramOptions } from "./program.ts";
export { lex } from "./text/lexer.ts";
export { ZERO } from "./evaluate/memory.ts";
export { type CConfig, type CLimits, DEFAULT_LIMITS, type Definition, type SourceTree } from "./source.ts";
export type { Token } from "./text/token.ts";
export { createSourceCache, definesNone, type SourceCache } from "./text/files.ts";
export {
  type ByteThing,
  type Frame,
  outside,
  Pointer,
  type Stop,
  Unknown,
  type Value,
} from "./evaluate/value.ts";
