/** How the tree handles AVIC_UNACCELERATED_ACCESS: which registers as trap, and which with code of their own. */
import { Machine, Unknown, explorePaths } from "../c/index.ts";
import type { Override, Program } from "../c/index.ts";
import type { TrapHelper, UnacceleratedHandling } from "./behaviour.ts";
import { AVIC_UNIT, entryNamed } from "./entries.ts";
import type { EntryPoint } from "./entries.ts";
import { globalValues } from "./scenarios.ts";
import { KNOWN_OVERRIDES, argumentOf, makeWorld } from "./world.ts";

const IS_TRAP = "is_avic_unaccelerated_access_trap";
const HANDLER = "avic_unaccel_trap_write";
const GUEST = { x2avic: true, x2apicMode: true };
/** Offsets of registers in the APIC page: 16 bytes each, one MSR each from 0x800. */
const LAST_OFFSET = 0x3f0;
/** Calls in the handler that every register has in common, or that are no handling at all. */
const COMMON = ["kvm_apic_write_nodecode", "kvm_lapic_reg_write", "kvm_lapic_get_reg"];
const MOST_WAYS = 16;

export function evaluateTraps(program: Program): UnacceleratedHandling {
  const isTrap = program.findFunction(IS_TRAP, AVIC_UNIT);
  if (!isTrap?.isComplete) {
    return { trapsAt: null, trap: [], helpers: [], reason: `no ${IS_TRAP}() in this tree` };
  }
  const trap: number[] = [];
  let reason: string | null = null;
  for (let offset = 0; offset <= LAST_OFFSET; offset += 0x10) {
    const outcome = new Machine(program).call(IS_TRAP, [offset], AVIC_UNIT);
    if ("stopped" in outcome) reason ??= outcome.stopped.reason;
    else if (outcome.value instanceof Unknown) reason ??= outcome.value.reason;
    else if (outcome.value !== 0) trap.push(msrOf(offset));
  }
  const trapsAt = { file: isTrap.file, line: isTrap.line };
  return { trapsAt, trap, helpers: helpersOf(program, trap), reason };
}

function msrOf(offset: number): number {
  return 0x800 + (offset >> 4);
}

/** Runs the trap handler for each register and notes which of its callees are reached. */
function helpersOf(program: Program, traps: readonly number[]): TrapHelper[] {
  const entry = entryNamed(program, HANDLER);
  if (!entry) return [];
  const found = new Map<string, TrapHelper>();
  for (const msr of traps) {
    const overrides = new Map<string, Override>(KNOWN_OVERRIDES);
    for (const name of namesIn(program, entry)) {
      overrides.set(name, (_, { place }) => {
        found.set(`${msr} ${name}`, { msr, name, at: { file: place.file, line: place.line } });
        return 0;
      });
    }
    for (const name of COMMON) overrides.set(name, () => undefined);
    explorePaths(
      (decide) => {
        const machine = new Machine(program, { overrides, globals: globalValues(program, GUEST), decide });
        const world = makeWorld(machine, GUEST);
        machine.setField(world.vmcb, "control.exit_info_1", BigInt((msr - 0x800) << 4));
        machine.call(HANDLER, [argumentOf(world, entry)], entry.unit);
      },
      { paths: MOST_WAYS },
    );
  }
  return [...found.values()].sort((a, b) => a.msr - b.msr || (a.name < b.name ? -1 : 1));
}

/** Every name that the function may call; to_svm() is evaluated as it is. */
function namesIn(program: Program, { name, unit }: EntryPoint): Set<string> {
  const words = program.findFunction(name, unit)?.tokens.map(({ text }) => text) ?? [];
  return new Set(words.filter((text) => text !== name && text !== "to_svm"));
}
