import type { Place } from "./ast.ts";
import type { Machine } from "./machine.ts";
import type { ByteObject } from "./memory.ts";
import type { Value } from "./value.ts";

/** A function while it runs. */
export class Activation {
  readonly machine: Machine;
  readonly caller: Activation | null;
  readonly name: string;
  readonly slots: Value[];
  readonly varargs: readonly Value[];
  place: Place;
  returned: Value = 0;
  /** Objects whose life ends with the function. */
  owned: ByteObject[] | null = null;
  memory = 0;

  constructor(machine: Machine, name: string, place: Place, varargs: readonly Value[] = []) {
    this.machine = machine;
    this.caller = machine.frame;
    this.name = name;
    this.slots = [];
    this.place = place;
    this.varargs = varargs;
  }
}
