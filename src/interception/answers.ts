/** KVM's answers to emulated accesses of 0x800..0x8FF: kvm_x2apic_msr_read() and _write() of the tree. */
import { Machine, Unknown, explorePaths } from "../c/index.ts";
import type { Condition, Outcome, Override, Program } from "../c/index.ts";
import type { Access, SourceLine } from "../x2apic.ts";
import { ACCESSES, X2APIC_MSR_FIRST, X2APIC_MSR_LAST } from "../x2apic.ts";
import { OTHER_VALUES, SIDE_EFFECTS, WRITTEN } from "./assumptions.ts";
import type { AnswerVariant, EvaluatedAnswer, OpenAnswer } from "./behaviour.ts";
import { globalValues } from "./scenarios.ts";
import { KNOWN_OVERRIDES, LAPIC_UNIT, makeWorld } from "./world.ts";
import type { World } from "./world.ts";

const FUNCTIONS: Readonly<Record<Access, string>> = {
  read: "kvm_x2apic_msr_read",
  write: "kvm_x2apic_msr_write",
};
const GUEST = { x2avic: true, x2apicMode: true };
/** The current count of a stopped timer is the one value that says more than `ok`. */
const TMCCT = 0x839;
/** Most ways through one access that are compared. */
const MOST_WAYS = 16;
/** Most ways through all accesses of a tree: a Linux of 6.1 to 6.12 has four. */
const MOST_WAYS_IN_ALL = 500;

export interface Answers {
  readonly answers: readonly EvaluatedAnswer[];
  readonly openAnswers: readonly OpenAnswer[];
}

/** What one access is answered with, or why that cannot be told; `open`: a condition would tell. */
type Told =
  | { readonly guest: string }
  | { readonly reason: string; readonly at: SourceLine | null; readonly open?: boolean };

export function evaluateAnswers(program: Program): Answers {
  const emulator = new Emulator(program);
  const answers: EvaluatedAnswer[] = [];
  const openAnswers: OpenAnswer[] = [];
  for (let msr = X2APIC_MSR_FIRST; msr <= X2APIC_MSR_LAST; msr++) {
    for (const access of ACCESSES) {
      const told = emulator.answer({ msr, access, value: WRITTEN.get(msr) ?? 0n });
      if ("reason" in told) openAnswers.push({ msr, access, reason: told.reason, at: told.at });
      else answers.push(emulator.described({ msr, access, guest: told.guest }));
    }
  }
  return { answers, openAnswers };
}

interface Emulated {
  readonly msr: number;
  readonly access: Access;
  /** What is written. */
  readonly value: bigint;
}

class Emulator {
  readonly #program: Program;
  /** A vCPU in the state of the assumptions; null when the next access needs a new one. */
  #world: World | null = null;
  #waysLeft = MOST_WAYS_IN_ALL;
  readonly #overrides: ReadonlyMap<string, Override>;
  readonly #places: Readonly<Record<Access, SourceLine | null>>;

  constructor(program: Program) {
    this.#program = program;
    this.#overrides = new Map([...KNOWN_OVERRIDES, ...SKIPPED]);
    this.#places = { read: placeOf(program, FUNCTIONS.read), write: placeOf(program, FUNCTIONS.write) };
  }

  answer(access: Emulated): Told {
    return this.#straight(access) ?? this.#everyWay(access);
  }

  /**
   * The answer on a vCPU that earlier accesses have left as it was: those that only read, and those
   * that were refused. null when a condition decides that is not known.
   */
  #straight(access: Emulated): Told | null {
    this.#world ??= this.#newWorld();
    const outcome = emulate(this.#world, access);
    if (access.access === "write" && !("guest" in outcome && outcome.guest === "#GP")) this.#world = null;
    if ("guest" in outcome) return outcome;
    this.#world = null;
    return outcome.open ? null : outcome;
  }

  /** Follows every way; different answers on different ways cannot be told apart. */
  #everyWay(access: Emulated): Told {
    const most = Math.min(MOST_WAYS, this.#waysLeft);
    const { paths, complete } = explorePaths((decide) => emulate(this.#newWorld(decide), access), {
      paths: most,
    });
    this.#waysLeft -= paths.length;
    const first = paths[0]?.result;
    if (!first || !complete) {
      const bound = most < MOST_WAYS ? `${MOST_WAYS_IN_ALL} ways through all accesses` : `${MOST_WAYS} ways`;
      return { reason: `more than ${bound}`, at: null };
    }
    for (const { result, conditions } of paths) {
      if ("reason" in result) return result;
      if ("guest" in first && result.guest === first.guest) continue;
      const asked = conditions.at(-1);
      const at = asked ? { file: asked.place.file, line: asked.place.line } : null;
      return { reason: `'${asked?.text ?? ""}' decides and is not known`, at };
    }
    return first;
  }

  described({ msr, access, guest }: { msr: number; access: Access; guest: string }): EvaluatedAnswer {
    const variants = access === "write" && guest === "ok" ? this.#variants(msr) : [];
    return { msr, access, guest, from: "evaluated", at: this.#places[access], variants };
  }

  #variants(msr: number): AnswerVariant[] {
    return OTHER_VALUES.filter(({ applies }) => applies(msr)).flatMap(({ when, value }) => {
      const told = this.answer({ msr, access: "write", value });
      return "guest" in told && told.guest !== "ok" ? [{ when, guest: told.guest }] : [];
    });
  }

  #newWorld(decide?: (condition: Condition) => boolean): World {
    const globals = globalValues(this.#program, GUEST, LAPIC_UNIT);
    const options = { overrides: this.#overrides, globals, ...(decide ? { decide } : {}) };
    return makeWorld(new Machine(this.#program, options), GUEST);
  }
}

function emulate(world: World, { msr, access, value }: Emulated): Told {
  return access === "read" ? readAnswer(world, msr) : writeAnswer(world, msr, value);
}

function readAnswer(world: World, msr: number): Told {
  const { machine, vcpu } = world;
  const data = machine.bytes("data", 8, 0xff);
  const told = verdict(machine.call(FUNCTIONS.read, [vcpu, msr, data], LAPIC_UNIT));
  if ("reason" in told || told.guest !== "ok" || msr !== TMCCT) return told;
  if (data.object.kind !== "bytes") return told;
  return data.object.snapshot(0, 8).every((byte) => byte === 0) ? { guest: "0" } : told;
}

function writeAnswer({ machine, vcpu }: World, msr: number, value: bigint): Told {
  return verdict(machine.call(FUNCTIONS.write, [vcpu, msr, value], LAPIC_UNIT));
}

/** KVM injects #GP for every value but 0. */
function verdict(outcome: Outcome): Told {
  if ("stopped" in outcome) {
    const { reason, place, code } = outcome.stopped;
    return { reason, at: { file: place.file, line: place.line }, open: code === "condition" };
  }
  const { value } = outcome;
  if (value instanceof Unknown) {
    return { reason: value.reason, at: { file: value.place.file, line: value.place.line } };
  }
  return { guest: value === 0 || value === 0n ? "ok" : "#GP" };
}

/** Functions that only cause something elsewhere: skipped, their value unknown to whoever asks for it. */
const SKIPPED: readonly [string, Override][] = SIDE_EFFECTS.map((name) => [name, () => undefined]);

function placeOf(program: Program, name: string): SourceLine | null {
  const found = program.findFunction(name, LAPIC_UNIT);
  return found?.isComplete ? { file: found.file, line: found.line } : null;
}
