/** The trace tells what the evaluation found, and shows the way there. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { evaluateKernel } from "../../src/interception/evaluate.ts";
import { traceActivation, type Trace, type TraceNode } from "../../src/interception/trace.ts";
import { openDirectory } from "../../src/kernel/directory.ts";
import { withTree } from "../../src/kernel/tree.ts";
import { packagePath } from "../../src/package-root.ts";
import { renderTrace } from "../../src/reply/trace.ts";
import { ACCESSES, X2APIC_MSR_FIRST, X2APIC_MSR_LAST, type AccessSet } from "../../src/x2apic.ts";
import { OPEN, STRUCTS, tinyTree, treeOf } from "./tiny.ts";
import type { Parts } from "./tiny.ts";

const KERNELS = ["demo/linux", ".cache/linux-6.1", ".cache/linux-6.12"];

async function evaluated(directory: string): Promise<{ trace: Trace; active: AccessSet }> {
  const source = await openDirectory(packagePath(directory));
  const ref = { source, revision: "tree", changes: new Map<string, string>() };
  const trace = await withTree(ref, traceActivation);
  const evaluation = await withTree(ref, (tree) => evaluateKernel(tree));
  assert.ok(trace);
  assert.ok(evaluation.ok);
  return { trace, active: evaluation.behaviour.sets.active };
}

function writesIn(nodes: readonly TraceNode[]): (TraceNode & { kind: "write" })[] {
  return nodes.flatMap((node) =>
    node.kind === "call" ? writesIn(node.within) : node.kind === "write" ? [node] : [],
  );
}

/** The set that is open after all writes of the trace, every bit set at first. */
function openAfter(trace: Trace): AccessSet {
  const open = new Set<string>();
  for (const { bits } of writesIn(trace.nodes)) {
    for (const { msr, access, intercepted } of bits) {
      if (intercepted === false) open.add(`${msr} ${access}`);
      else open.delete(`${msr} ${access}`);
    }
  }
  const msrs = Array.from(
    { length: X2APIC_MSR_LAST - X2APIC_MSR_FIRST + 1 },
    (_, at) => X2APIC_MSR_FIRST + at,
  );
  const [read = [], write = []] = ACCESSES.map((access) =>
    msrs.filter((msr) => open.has(`${msr} ${access}`)),
  );
  return { read, write };
}

for (const directory of KERNELS) {
  const skip = !existsSync(packagePath(directory)) && `no ${directory}`;
  test(`${directory}: the writes of the trace make the set that was evaluated`, { skip }, async () => {
    const { trace, active } = await evaluated(directory);
    assert.deepEqual(openAfter(trace), active);
    assert.ok(active.write.length > 2);
    assert.deepEqual([trace.stopped, trace.left], [null, 0]);
    assert.ok(trace.steps.used > 100 && trace.steps.used < trace.steps.limit);
  });
}

test("as text: the way to the bit in 80 columns, loops folded, the limits last", async () => {
  const { trace } = await evaluated("demo/linux");
  const lines = renderTrace("Current", trace, { msr: 0x830, access: "write" }).split("\n");
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
  assert.equal(lines[0], "Current: how the evaluation came to the WRMSR bit of 0x830");
  assert.match(lines[1] ?? "", /^ +avic_activate_vmcb\(svm\)$/);
  const calls = lines.filter((line) => line.includes(" svm_set_intercept_for_msr("));
  assert.equal(calls.length, 2);
  assert.match(calls[1] ?? "", /^avic\.c:51 +svm_set_intercept_for_msr\(&svm->vcpu, 0x830, 3, 0\)$/);
  assert.ok(lines.some((line) => /^ +\(27 more like these\)$/.test(line)));
  assert.equal(lines.filter((line) => line.endsWith("## passed through")).length, 1);
  assert.match(lines.at(-2) ?? "", /^used \d+ of 120000 steps, 5 of 100 calls deep, \d+ of 16777216 bytes$/);
});

test("a bit that nothing writes: the calls of the entry point alone", async () => {
  const { trace } = await evaluated("demo/linux");
  const lines = renderTrace("Current", trace, { msr: 0x8ff, access: "read" }).split("\n");
  assert.ok(lines.length < 15);
  assert.doesNotMatch(lines.join("\n"), /##/);
  assert.ok(lines.some((line) => line.includes("avic_set_x2apic_msr_interception(svm, 0)")));
});

const LINE = STRUCTS.split("\n").length;

/** A line for each event, what happened within a call indented. */
function outline(nodes: readonly TraceNode[], depth = 0): string[] {
  return nodes.flatMap((node) => {
    const indent = "  ".repeat(depth);
    const at = node.kind === "call" ? "" : `${node.at.line - LINE} `;
    switch (node.kind) {
      case "call": {
        const head = `${indent}${node.call.name}(${node.call.args.join(", ")}) = ${node.value}`;
        return [head, ...outline(node.within, depth + 1)];
      }
      case "branch":
        return [`${indent}${at}${node.at.text}: ${node.taken}`];
      case "condition":
        return [`${indent}${at}${node.text}? ${node.value}`];
      case "write": {
        const bits = node.bits.map(
          ({ msr, access, intercepted }) => `${msr.toString(16)} ${access} ${intercepted}`,
        );
        return [`${indent}${at}${node.at.text}: ${bits.join(", ")}`];
      }
    }
  });
}

function traced(parts: Parts): Trace {
  const trace = traceActivation(tinyTree(parts));
  assert.ok(trace);
  return trace;
}

for (const { name, parts, lines } of [
  {
    name: "a write",
    parts: { activate: `\n\t${OPEN}\n` },
    lines: ["avic_activate_vmcb(svm) = null", `  1 ${OPEN}: 808 write false`],
  },
  {
    name: "a branch, a condition and a call",
    parts: {
      before: "static bool off = 0;\nstatic int f(int a) { return a + 1; }\n",
      activate: `\nif (off)\n${OPEN}\nif (f(1) == 2)\n__clear_bit(0x900 * 2, svm->msrpm);\n`,
    },
    lines: [
      "avic_activate_vmcb(svm) = null",
      "  3 off? false",
      "  3 if (off): false",
      "  f(1) = 2",
      "  5 if (f(1) == 2): true",
      "  6 __clear_bit(0x900 * 2, svm->msrpm);: 900 read false",
    ],
  },
  {
    name: "bits that are set again, or to what is not known",
    parts: {
      activate: `\n*(u8 *)(svm->msrpm + 0x200) = 0xf0;\n*(u8 *)(svm->msrpm + 0x200) = 0xf5;\n*(u8 *)(svm->msrpm + 0x1900) = 0;\n`,
    },
    lines: [
      "avic_activate_vmcb(svm) = null",
      "  1 *(u8 *)(svm->msrpm + 0x200) = 0xf0;: 800 read false, 800 write false, 801 read false, 801 write false",
      "  2 *(u8 *)(svm->msrpm + 0x200) = 0xf5;: 800 read true, 801 read true",
      "  3 *(u8 *)(svm->msrpm + 0x1900) = 0;: ",
    ],
  },
]) {
  test(`events in order: ${name}`, () => {
    assert.deepEqual(outline(traced(parts).nodes), lines);
  });
}

test("bits that become known, or no longer are; bytes of one write", () => {
  const unknown = "*(u8 *)(svm->msrpm + 0x200) = svm->nobody_knows;";
  const zero = "*(u8 *)(svm->msrpm + 0x200) = 0;";
  const two = "*(u16 *)(svm->msrpm + 0x200) = 0xfe00;";
  const { nodes } = traced({ activate: [zero, unknown, zero, two].join(" ") });
  assert.deepEqual(
    writesIn(nodes).map(({ bits }) =>
      bits.map(({ msr, intercepted }) => `${msr.toString(16)} ${intercepted}`),
    ),
    [false, null, false, undefined].map((intercepted) =>
      intercepted === undefined
        ? ["804 false"]
        : [0x800, 0x801, 0x802, 0x803].flatMap((msr) => [
            `${msr.toString(16)} ${intercepted}`,
            `${msr.toString(16)} ${intercepted}`,
          ]),
    ),
  );
});

test("a byte that is not known, and what stops there", () => {
  const trace = traced({ activate: "*(u8 *)(svm->msrpm + 0x200) = svm->nobody_knows;" });
  const [written] = writesIn(trace.nodes);
  assert.equal(written?.bits.length, 8);
  assert.ok(written.bits.every(({ intercepted }) => intercepted === null));
  assert.match(trace.stopped?.reason ?? "", /^the permission map holds /);
});

test("what was used of the limits, and no more than activation", () => {
  const { steps, depth, bytes, left } = traced({ activate: "void *p = kzalloc(64, 0); svm->vmcb = p;" });
  assert.deepEqual([steps.limit, depth.limit, bytes.limit, left], [120_000, 100, 16_777_216, 0]);
  assert.ok(steps.used > 1 && steps.used < 10);
  assert.ok(depth.used >= 1 && depth.used < 5);
  const never = "BUG();";
  assert.equal(traced({ deactivate: never }).stopped, null);
});

test("what is beyond the size of a trace is counted", () => {
  const { nodes, left } = traced({ activate: "int i; for (i = 0; i < 20000; i++) ;" });
  const [call] = nodes;
  assert.equal(call?.kind === "call" && call.within.length, 19_999);
  assert.equal(left, 2);
});

test("the candidate that touches the map, else the first, else none", () => {
  const hook = (body: string) =>
    `void avic_refresh_virtual_apic_mode(struct kvm_vcpu *vcpu) { struct vcpu_svm *svm = container_of(vcpu, struct vcpu_svm, vcpu); ${body} }\n`;
  const declared =
    "static void avic_activate_vmcb(struct vcpu_svm *svm); static void avic_deactivate_vmcb(struct vcpu_svm *svm);\n";
  const calls = "avic_activate_vmcb(svm); avic_deactivate_vmcb(svm);";
  const first = (body: string) => {
    const [node] = traced({ before: declared + hook(calls + body), activate: "", deactivate: "" }).nodes;
    return node?.kind === "call" ? node.call.name : null;
  };
  assert.equal(first(OPEN), "avic_refresh_virtual_apic_mode");
  assert.equal(first(""), "avic_activate_vmcb");
  assert.equal(traceActivation(treeOf({})), null);
});
