/** Runs activation and deactivation in every situation and reads the permission map on the way. */
import { Machine, Pointer, TracedMachine, Unknown } from "../c/index.ts";
import type {
  ByteThing,
  Condition,
  MachineOptions,
  Program,
  Stop,
  Tracer,
  UnknownCall,
  Value,
} from "../c/index.ts";
import type { Scenario, SourceLine } from "../x2apic.ts";
import { SEQUENCES, globalAssumptions } from "./assumptions.ts";
import type { Sequence, Situation, Step } from "./assumptions.ts";
import { AVIC_UNIT } from "./entries.ts";
import type { Entries, EntryPoint } from "./entries.ts";
import { MAP_BYTES, openAccesses } from "./permission-map.ts";
import type { OpenAccesses } from "./permission-map.ts";
import { DecisionLog } from "./provenance.ts";
import type { MapWrite } from "./provenance.ts";
import { KNOWN_OVERRIDES, argumentOf, makeWorld, setMode } from "./world.ts";
import type { World } from "./world.ts";

/** What was open when the map was read, and who had decided it. */
export interface Reading {
  readonly scenario: Scenario;
  readonly open: OpenAccesses;
  readonly log: DecisionLog;
  /** Whether the code had written into the map at all. */
  readonly touched: boolean;
}

/** A call to a function that is not in the tree and was given the vCPU or its map. */
export interface Stranger {
  readonly name: string;
  readonly at: SourceLine;
}

/** All readings along one way through the unknown conditions, or what stopped it. */
export type PathResult =
  | { readonly ok: true; readonly readings: readonly Reading[]; readonly strangers: readonly Stranger[] }
  | { readonly ok: false; readonly stop: Stop };

export interface ScenarioInput {
  readonly program: Program;
  readonly entries: Entries;
  /** Whether a new vCPU takes all x2APIC MSRs for intercepted. */
  readonly startsIntercepted: boolean;
  readonly decide: (condition: Condition) => boolean;
  /** Told of what happens; the program must then be of this run alone. */
  readonly tracer?: MapTracer;
}

/** Told of calls and branches, of writes into the permission map, and of the machine when it begins. */
export interface MapTracer extends Tracer {
  began(machine: TracedMachine): void;
  wrote(write: MapWrite): void;
}

export function runScenarios(input: ScenarioInput): PathResult {
  const record: Record = { readings: [], strangers: [] };
  for (const sequence of SEQUENCES) {
    const stop = runSequence(input, sequence, record);
    if (stop) return { ok: false, stop };
  }
  return { ok: true, ...record };
}

/** What is gathered over all sequences. */
export interface Record {
  readonly readings: Reading[];
  readonly strangers: Stranger[];
}

function newMachine({ program, tracer }: ScenarioInput, options: MachineOptions): Machine {
  if (tracer === undefined) return new Machine(program, options);
  const machine = new TracedMachine(program, options, tracer);
  tracer.began(machine);
  return machine;
}

/** Runs one sequence on a new vCPU; gives what stopped it. */
export function runSequence(input: ScenarioInput, sequence: Sequence, record: Record): Stop | null {
  const { program, decide, tracer } = input;
  const calls: UnknownCall[] = [];
  const machine = newMachine(input, {
    overrides: KNOWN_OVERRIDES,
    globals: globalValues(program, sequence.situation),
    decide,
    onUnknownCall: (call) => calls.push(call),
  });
  const world = makeWorld(machine, sequence.situation);
  machine.setField(world.svm, "x2avic_msrs_intercepted", input.startsIntercepted ? 1 : 0);
  const log = new DecisionLog();
  machine.onWrite(world.map, (write) => {
    log.record(write);
    tracer?.wrote(write);
  });
  for (const step of sequence.steps) {
    const stop = takeStep(world, step, { entries: input.entries, log, readings: record.readings });
    if (stop) return stop;
  }
  record.strangers.push(...strangersIn(world, calls));
  return null;
}

function strangersIn({ svm, vcpu, map }: World, calls: readonly UnknownCall[]): Stranger[] {
  const own = [svm, vcpu, map].map(({ object }) => object);
  return calls
    .filter(({ args }) => args.some((arg) => arg instanceof Pointer && own.includes(arg.object)))
    .map(({ name, place }) => ({ name, at: { file: place.file, line: place.line } }));
}

interface StepContext {
  readonly entries: Entries;
  readonly log: DecisionLog;
  readonly readings: Reading[];
}

function takeStep(world: World, step: Step, { entries, log, readings }: StepContext): Stop | null {
  switch (step.do) {
    case "activate":
      return enter(world, entries.activate, 1);
    case "deactivate":
      return enter(world, entries.deactivate, 0);
    case "leave x2APIC mode":
      setMode(world, false);
      return null;
    case "read": {
      const map = readMap(world.map, log);
      if (!(map instanceof Uint8Array)) return map;
      const open = openAccesses(map);
      readings.push({ scenario: step.scenario, open, log: log.copy(), touched: log.touched });
      return null;
    }
  }
}

function enter(world: World, entry: EntryPoint, active: 0 | 1): Stop | null {
  world.machine.setField(world.apic, "apicv_active", active);
  const outcome = world.machine.call(entry.name, [argumentOf(world, entry)], entry.unit);
  return "stopped" in outcome ? outcome.stopped : null;
}

/** The map's bytes, or why one of them is not known: all ones but for what was written. */
function readMap({ object }: Pointer, log: DecisionLog): Uint8Array | Stop {
  if (object.kind !== "bytes") throw new TypeError("the permission map is a byte object");
  const map = new Uint8Array(MAP_BYTES).fill(0xff);
  for (const offset of log.changedBytes()) {
    const byte = object.snapshot(offset, 1)[0] ?? null;
    if (byte === null) return unknownByte(object, offset);
    map[offset] = byte;
  }
  return map;
}

function unknownByte(object: ByteThing, offset: number): Stop {
  const { code, text, place } = unknownAt(object, offset);
  return { code, reason: `the permission map holds ${text}, which is not known`, place, stack: [] };
}

/** What was written there, in the size it was written in. */
function unknownAt(object: ByteThing, offset: number): Unknown {
  const nowhere = { file: AVIC_UNIT, line: 0 };
  const whole = [8, 4, 2].flatMap((size) => {
    const value = object.readInteger(offset - (offset % size), size, false, nowhere);
    return value instanceof Unknown && !value.text.startsWith(object.name) ? [value] : [];
  });
  return whole[0] ?? object.unknownAt(offset, 1, nowhere);
}

const globalsOf = new WeakMap<Program, Map<string, ReadonlyMap<string, Value>>>();

/** The assumed variables with the value that their text has in the unit; those it does not know are left out. */
export function globalValues(
  program: Program,
  situation: Situation,
  unit = AVIC_UNIT,
): ReadonlyMap<string, Value> {
  const known = globalsOf.get(program) ?? new Map<string, ReadonlyMap<string, Value>>();
  globalsOf.set(program, known);
  const key = `${situation.x2avic} ${unit}`;
  const found = known.get(key) ?? evaluatedGlobals(program, situation, unit);
  known.set(key, found);
  return found;
}

function evaluatedGlobals(program: Program, situation: Situation, unit: string): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>();
  for (const { name, value } of globalAssumptions(situation)) {
    const outcome = new Machine(program).evaluate(value, unit);
    if ("value" in outcome && !(outcome.value instanceof Unknown)) values.set(name, outcome.value);
  }
  return values;
}
