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
  assert.match(lines.at(-2) ?? "", /^used \d+ of 200000 steps, 5 of 100 calls deep, \d+ of 16777216 bytes$/);
});

test("a bit that nothing writes: the calls of the entry point alone", async () => {
  const { trace } = await evaluated("demo/linux");
  const lines = renderTrace("Current", trace, { msr: 0x8ff, access: "read" }).split("\n");
  assert.ok(lines.length < 15);
  assert.doesNotMatch(lines.join("\n"), /##/);
  assert.ok(lines.some((line) => line.includes("avic_set_x2apic_msr_interception(svm, 0)")));
});
