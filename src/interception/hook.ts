/** Whether KVM's vendor hook still leads to activation and deactivation. */
import { Machine, explorePaths } from "../c/index.ts";
import type { Override, Program } from "../c/index.ts";
import type { Entries, EntryPoint } from "./entries.ts";
import { globalValues } from "./scenarios.ts";
import { KNOWN_OVERRIDES, argumentOf, makeWorld } from "./world.ts";

const GUEST = { x2avic: true, x2apicMode: true };
const MOST_WAYS = 16;

/**
 * The entries with the hook in the place of a function that the hook no longer calls: then what KVM
 * does when AVIC's state changes is what the hook does. Unchanged when that cannot be told.
 */
export function throughHook(program: Program, entries: Entries, hook: EntryPoint | null): Entries {
  if (!hook) return entries;
  return {
    activate: calls(program, hook, { entry: entries.activate, active: 1 }) ? entries.activate : hook,
    deactivate: calls(program, hook, { entry: entries.deactivate, active: 0 }) ? entries.deactivate : hook,
  };
}

/** Whether the hook calls the function on some way, or stops before that can be told. */
function calls(program: Program, hook: EntryPoint, wanted: { entry: EntryPoint; active: 0 | 1 }): boolean {
  const { entry, active } = wanted;
  let called = false;
  const overrides = new Map<string, Override>(KNOWN_OVERRIDES);
  overrides.set("avic_apicv_post_state_restore", () => 0);
  overrides.set(entry.name, () => {
    called = true;
    return 0;
  });
  const { paths, complete } = explorePaths(
    (decide) => {
      if (called) return true;
      const machine = new Machine(program, { overrides, globals: globalValues(program, GUEST), decide });
      const world = makeWorld(machine, GUEST);
      machine.setField(world.apic, "apicv_active", active);
      return "value" in machine.call(hook.name, [argumentOf(world, hook)], hook.unit);
    },
    { paths: MOST_WAYS },
  );
  return called || !complete || paths.some(({ result }) => !result);
}
