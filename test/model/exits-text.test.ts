/** Sentences on exits, for accounts written down by hand. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExitCause, ExitReason, Exits, HandlerCase } from "../../src/model/exits.ts";
import { exitLines } from "../../src/model/exits-text.ts";

const cause = (access: "read" | "write", msrs: string[], when: string | null = null): ExitCause => ({
  access,
  msrs,
  when,
});
const TPR = cause("write", ["0x808"]);
const TPR_READ = cause("read", ["0x808"]);
const SPIV = cause("write", ["0x80f"]);
const EOI = cause("write", ["0x80b"], "the interrupt is level-triggered");
const ICR = cause("write", ["0x830"], "the target is not running");
const BOTH = cause("write", ["0x808", "0x80f"]);

type Sides = readonly [old: readonly ExitCause[], now: readonly ExitCause[]];

function account(sides: Partial<Record<ExitReason, Sides>>, handler: readonly HandlerCase[] = []): Exits {
  const reasons: ExitReason[] = [
    "msr-intercept",
    "unaccelerated-fault",
    "unaccelerated-trap",
    "incomplete-ipi",
    "unknown",
  ];
  return {
    reasons: reasons.map((reason) => ({
      reason,
      old: sides[reason]?.[0] ?? [],
      new: sides[reason]?.[1] ?? [],
    })),
    handler,
  };
}

const lost = (msr: string, helper: string | null): HandlerCase => ({
  msr,
  helper,
  reachable: { old: true, new: false },
});
const INTERCEPT: Sides = [[TPR], []];
const SEEN = "MSR intercept: the MSR_INT cells of the table.";

const CASES: readonly (readonly [string, Exits, readonly string[]])[] = [
  ["nothing changes", account({ "unaccelerated-trap": [[EOI], [EOI]] }), []],
  [
    "the same causes in other groups are no change",
    account({ "unaccelerated-trap": [[BOTH], [TPR, SPIV]] }),
    [],
  ],
  [
    "what stays beside a change is said as it was",
    account({
      "msr-intercept": INTERCEPT,
      "unaccelerated-trap": [[EOI], [EOI]],
      "incomplete-ipi": [[ICR], [ICR]],
    }),
    [
      SEEN,
      "AVIC_UNACCELERATED_ACCESS: as before, trap on EOI writes of level-triggered interrupts.",
      "AVIC_INCOMPLETE_IPI: as before, WRMSR of APIC_ICR when the target is not running.",
    ],
  ],
  ["nothing is said of what never occurs", account({ "msr-intercept": INTERCEPT }), [SEEN]],
  [
    "an intercept that stays is not spoken of",
    account({ "msr-intercept": [[TPR], [TPR]], "unaccelerated-trap": [[SPIV], []] }),
    ["AVIC_UNACCELERATED_ACCESS: before, trap on WRMSR of APIC_SPIV. Afterwards it can no longer occur."],
  ],
  [
    "faults and traps, of which two causes remain",
    account({
      "unaccelerated-fault": [[TPR_READ], []],
      "unaccelerated-trap": [
        [SPIV, EOI],
        [SPIV, EOI],
      ],
    }),
    [
      "AVIC_UNACCELERATED_ACCESS: before, fault on RDMSR of APIC_TPR; trap on WRMSR of APIC_SPIV; EOI writes of level-triggered interrupts. " +
        "Afterwards it remains for WRMSR of APIC_SPIV and for EOI writes of level-triggered interrupts alone.",
    ],
  ],
  [
    "a new cause: both sides are told",
    account({ "unaccelerated-trap": [[], [SPIV]] }),
    ["AVIC_UNACCELERATED_ACCESS: before, none; after, trap on WRMSR of APIC_SPIV."],
  ],
  [
    "a cause that moves from trap to fault is a change of both",
    account({ "unaccelerated-fault": [[], [TPR]], "unaccelerated-trap": [[TPR], []] }),
    [
      "AVIC_UNACCELERATED_ACCESS: before, trap on WRMSR of APIC_TPR. Afterwards it remains for WRMSR of APIC_TPR alone.",
    ],
  ],
  [
    "EOI in another state, of another register, or read is no level-triggered EOI",
    account({
      "unaccelerated-trap": [
        [],
        [cause("write", ["0x80b"]), cause("read", ["0x80b"], EOI.when), cause("write", ["0x80f"], EOI.when)],
      ],
    }),
    [
      "AVIC_UNACCELERATED_ACCESS: before, none; after, trap on WRMSR of APIC_EOI; " +
        "RDMSR of APIC_EOI when the interrupt is level-triggered; WRMSR of APIC_SPIV when the interrupt is level-triggered.",
    ],
  ],
  [
    "more registers of one instruction and state",
    account({ "incomplete-ipi": [[ICR], [ICR, cause("write", ["0x83f"], ICR.when)]] }),
    ["AVIC_INCOMPLETE_IPI: WRMSR of APIC_ICR, now also of APIC_SELF_IPI, when the target is not running."],
  ],
  [
    "more registers whatever the state",
    account({ "incomplete-ipi": [[TPR], [BOTH]] }),
    ["AVIC_INCOMPLETE_IPI: WRMSR of APIC_TPR, now also of APIC_SPIV."],
  ],
  [
    "another instruction",
    account({ "incomplete-ipi": [[TPR], [TPR, TPR_READ]] }),
    ["AVIC_INCOMPLETE_IPI: before, WRMSR of APIC_TPR; after, WRMSR of APIC_TPR; RDMSR of APIC_TPR."],
  ],
  [
    "another state",
    account({ "incomplete-ipi": [[TPR], [TPR, ICR]] }),
    [
      "AVIC_INCOMPLETE_IPI: before, WRMSR of APIC_TPR; after, WRMSR of APIC_TPR; WRMSR of APIC_ICR when the target is not running.",
    ],
  ],
  [
    "another state of the same register",
    account({ "incomplete-ipi": [[ICR], [{ ...ICR, when: "the guest sleeps" }]] }),
    [
      "AVIC_INCOMPLETE_IPI: before, WRMSR of APIC_ICR when the target is not running; after, WRMSR of APIC_ICR when the guest sleeps.",
    ],
  ],
  [
    "one goes as another comes",
    account({ "incomplete-ipi": [[TPR], [SPIV]] }),
    ["AVIC_INCOMPLETE_IPI: before, WRMSR of APIC_TPR; after, WRMSR of APIC_SPIV."],
  ],
  [
    "all go",
    account({ "incomplete-ipi": [[TPR], []] }),
    ["AVIC_INCOMPLETE_IPI: before, WRMSR of APIC_TPR; after, none."],
  ],
  [
    "the first one comes",
    account({ "incomplete-ipi": [[], [TPR]] }),
    ["AVIC_INCOMPLETE_IPI: before, none; after, WRMSR of APIC_TPR."],
  ],
  [
    "cases of the handler and helpers, each helper once",
    account({ "msr-intercept": INTERCEPT }, [
      lost("0x80f", null),
      lost("0x80d", "avic_handle_ldr_update"),
      lost("0x80e", "avic_handle_ldr_update"),
    ]),
    [
      SEEN,
      "No longer reached with x2AVIC on: is_avic_unaccelerated_access_trap() for APIC_SPIV; avic_handle_ldr_update().",
    ],
  ],
  [
    "helpers alone",
    account({ "msr-intercept": INTERCEPT }, [lost("0x80d", "avic_handle_ldr_update")]),
    [SEEN, "No longer reached with x2AVIC on: avic_handle_ldr_update()."],
  ],
];

for (const [name, exits, lines] of CASES) test(name, () => assert.deepEqual(exitLines(exits), lines));
