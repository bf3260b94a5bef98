/** Several places to look as one. */
import type { Ledger, LedgerAnswer, LedgerQuestion } from "./ports.ts";

const BLIND: LedgerAnswer = { kind: "blind", text: "there is no folder of the list to look in" };

/**
 * Found in one of them is found. Otherwise one that cannot be asked leaves it open; with no ledger at all
 * nothing is known.
 */
export function joinLedgers(ledgers: readonly Ledger[]): Ledger {
  return {
    async find(question: LedgerQuestion) {
      const answers = await Promise.all(ledgers.map((ledger) => ledger.find(question)));
      for (const kind of ["found", "unavailable", "absent"] as const) {
        const answer = answers.find((one) => one.kind === kind);
        if (answer !== undefined) return answer;
      }
      return BLIND;
    },
    async close() {
      await Promise.all(ledgers.map((ledger) => ledger.close()));
    },
  };
}
