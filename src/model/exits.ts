/** Which accesses cost an exit before and after, by exit reason, while x2AVIC is active. */
import { memo } from "../memo.ts";
import { ACCESSES, msrHex } from "../x2apic.ts";
import type { Access } from "../x2apic.ts";
import { compareAccess, compareAll } from "./changes.ts";
import type { AccessChange, AccessState, ComparisonInput } from "./changes.ts";
import { NO_REGISTER, registerAt } from "./registers.ts";

export type ExitReason =
  | "msr-intercept"
  | "unaccelerated-fault"
  | "unaccelerated-trap"
  | "incomplete-ipi"
  /** Passed through, and nobody knows what the hardware does. */
  | "unknown";

export const EXIT_REASONS: readonly ExitReason[] = [
  "msr-intercept",
  "unaccelerated-fault",
  "unaccelerated-trap",
  "incomplete-ipi",
  "unknown",
];

/** Accesses that can cause an exit for one reason. */
export interface ExitCause {
  readonly access: Access;
  /** Ascending, `0x80a`. */
  readonly msrs: readonly string[];
  /** The state or value it takes, `the interrupt is level-triggered`; null for every such access. */
  readonly when: string | null;
}

export interface ExitsOfReason {
  readonly reason: ExitReason;
  readonly old: readonly ExitCause[];
  readonly new: readonly ExitCause[];
}

/** What the tree's own code does with AVIC_UNACCELERATED_ACCESS. */
export interface UnacceleratedHandler {
  /** MSRs of the offsets for which is_avic_unaccelerated_access_trap() says yes, ascending. */
  readonly trap: readonly number[];
  /** Functions called for a trap on one register, such as avic_handle_ldr_update for 0x80D. */
  readonly helpers: readonly { readonly msr: number; readonly name: string }[];
}

/** One case of the handler and whether an exit can lead to it with x2AVIC on. */
export interface HandlerCase {
  readonly msr: string;
  /** Name of the helper; null for a case of is_avic_unaccelerated_access_trap(). */
  readonly helper: string | null;
  readonly reachable: { readonly old: boolean; readonly new: boolean };
}

export interface Exits {
  /** One for each reason, in the order of EXIT_REASONS. */
  readonly reasons: readonly ExitsOfReason[];
  readonly handler: readonly HandlerCase[];
}

export interface ExitsInput extends ComparisonInput {
  /** The handler of the tree with the series applied. */
  readonly handler: UnacceleratedHandler;
}

interface Cause {
  /** null: it is none. */
  readonly reason: ExitReason | null;
  readonly when: string | null;
}

function reasonOf(code: string): ExitReason | null {
  if (code.startsWith("MSR_INT")) return "msr-intercept";
  if (code.startsWith("UAA(f)")) return "unaccelerated-fault";
  if (code === "UAA(t)") return "unaccelerated-trap";
  if (code === "INC_IPI") return "incomplete-ipi";
  return code === "unknown" ? "unknown" : null;
}

const causes = new WeakMap<AccessState, readonly Cause[]>();

/** The exits one access can cause: that of its usual outcome, and others in other states. */
function causesOf(state: AccessState): readonly Cause[] {
  return memo(causes, state, () => findCauses(state));
}

function findCauses({ outcome }: AccessState): Cause[] {
  const usual = reasonOf(outcome.code);
  const others = outcome.variants
    .map(({ code, when }) => ({ reason: reasonOf(code), when }))
    .filter(({ reason }) => reason !== usual);
  return [{ reason: usual, when: null }, ...others];
}

/** An MSR without a register answers #GP either way, so its intercept is no news. */
function isSpokenOf({ msr, old, new: now }: AccessChange): boolean {
  return registerAt(msr).name !== NO_REGISTER || old.passed || now.passed;
}

type Side = "old" | "new";

interface Gathered {
  readonly access: Access;
  readonly when: string | null;
  readonly msrs: string[];
}

/** The causes of one side by reason. */
function collect(changes: readonly AccessChange[], side: Side): ReadonlyMap<ExitReason, ExitCause[]> {
  const found = new Map<ExitReason, Map<string, Gathered>>();
  for (const { [side]: state, access, msr } of changes) {
    for (const { reason, when } of causesOf(state)) {
      if (reason === null) continue;
      const ofReason = found.get(reason) ?? new Map<string, Gathered>();
      found.set(reason, ofReason);
      const key = `${access} ${when}`;
      const cause = ofReason.get(key) ?? { access, when, msrs: [] };
      cause.msrs.push(msrHex(msr));
      ofReason.set(key, cause);
    }
  }
  return new Map([...found].map(([reason, ofReason]) => [reason, inOrder([...ofReason.values()])]));
}

/** Reads before writes, what always exits before what does so in some state only. */
function inOrder(found: readonly Gathered[]): ExitCause[] {
  return ACCESSES.flatMap((access) => {
    const ofAccess = found.filter((cause) => cause.access === access);
    return [...ofAccess.filter(({ when }) => when === null), ...ofAccess.filter(({ when }) => when !== null)];
  });
}

function canTrap(state: AccessState): boolean {
  return causesOf(state).some(({ reason }) => reason === "unaccelerated-trap" || reason === "unknown");
}

function handlerCases(input: ComparisonInput, { trap, helpers }: UnacceleratedHandler): HandlerCase[] {
  const compare = compareAccess(input);
  const caseOf = (msr: number, helper: string | null): HandlerCase => {
    const write = compare(msr, "write");
    return { msr: msrHex(msr), helper, reachable: { old: canTrap(write.old), new: canTrap(write.new) } };
  };
  return [...trap.map((msr) => caseOf(msr, null)), ...helpers.map(({ msr, name }) => caseOf(msr, name))];
}

/** The exits that accesses of 0x800..0x8FF can cause with either active set. */
export function describeExits(input: ExitsInput): Exits {
  const spokenOf = compareAll(input).filter(isSpokenOf);
  const [before, after] = [collect(spokenOf, "old"), collect(spokenOf, "new")];
  return {
    reasons: EXIT_REASONS.map((reason) => {
      return { reason, old: before.get(reason) ?? [], new: after.get(reason) ?? [] };
    }),
    handler: handlerCases(input, input.handler),
  };
}
