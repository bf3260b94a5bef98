import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answer,
  explorePaths,
  type MachineOptions,
  Pointer,
  type WatchedWrite,
} from "../../src/c/index.ts";
import { machineOf, shown, type Source } from "./evaluate.ts";

/** The structs of the tests in the shape of the kernel's; the tests run with and without them. */
const TYPES = `
struct apic { u32 base; void *regs; bool sw; };
struct arch { struct apic *apic; u64 efer; u32 flags[4]; };
struct kvm { int n; struct { bool x2; } arch; };
struct vcpu { int id; struct kvm *kvm; struct arch arch; };
struct control { u32 clr; u64 int_ctl; union { u32 exit; struct { u16 low, high; }; }; };
struct vmcb { struct control control; };
struct svm { struct vcpu vcpu; struct vmcb *vmcb; u32 *msrpm; bool seen : 1; unsigned long bits[2]; };
#define to_svm(v) container_of(v, struct svm, vcpu)
`;
const NO_TYPES = "struct vcpu; struct svm;\n#define to_svm(v) container_of(v, struct svm, vcpu)\n";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly expected: string;
  readonly set?: Readonly<Record<string, number | bigint>>;
}

const CASES: readonly Case[] = [
  {
    name: "a field nobody wrote",
    text: "int f(struct svm *svm) { return svm->vcpu.id; }",
    expected: "unknown svm->vcpu.id",
  },
  {
    name: "a field that was written",
    text: "int f(struct svm *svm) { svm->vcpu.id = 4; return svm->vcpu.id; }",
    expected: "4",
  },
  {
    name: "a field that was set",
    text: "int f(struct svm *svm) { return svm->vcpu.arch.efer + 1; }",
    set: { "vcpu.arch.efer": 5 },
    expected: "6",
  },
  {
    name: "through a pointer nobody set",
    text: "u32 f(struct svm *svm) { return svm->vcpu.arch.apic->base; }",
    expected: "unknown svm->vcpu.arch.apic->base",
  },
  {
    name: "what was written through it",
    text: "u32 f(struct svm *svm) { struct apic *a = svm->vcpu.arch.apic; a->base = 7; return svm->vcpu.arch.apic->base; }",
    expected: "7",
  },
  {
    name: "identity of a member",
    text: "static int g(struct vcpu *vcpu) { return to_svm(vcpu)->vcpu.id; } int f(struct svm *svm) { svm->vcpu.id = 3; return g(&svm->vcpu); }",
    expected: "3",
  },
  {
    name: "the owner of a member",
    text: "int f(struct svm *svm) { struct vcpu *v = &svm->vcpu; return to_svm(v) == svm; }",
    expected: "1",
  },
  {
    name: "a flag",
    text: "int f(struct svm *svm) { svm->seen = true; if (svm->seen) return 1; return 2; }",
    expected: "1",
  },
  {
    name: "masks on an unknown word",
    text: "int f(struct svm *svm) { svm->vmcb->control.int_ctl &= ~(1ull << 31); return (svm->vmcb->control.int_ctl >> 31) & 1; }",
    expected: "0",
  },
  {
    name: "a bitmap",
    text: "int f(struct svm *svm) { set_bit(5, svm->bits); return test_bit(5, svm->bits); }",
    expected: "1",
  },
  {
    name: "a bit nobody wrote",
    text: "int f(struct svm *svm) { return test_bit(6, svm->bits); }",
    expected: "unknown test_bit(6, svm->bits)",
  },
  {
    name: "a fact learned from a condition",
    text: "int f(struct svm *svm) { if (svm->vcpu.id == 3) return svm->vcpu.id + 1; return 0; }",
    expected: "4",
  },
  {
    name: "a helper that nobody knows leaves structs alone",
    text: "int f(struct svm *svm) { svm->vcpu.id = 2; helper(svm); return svm->vcpu.id; }",
    expected: "2",
  },
];

function run(prelude: string, { text, set = {} }: Case, options: MachineOptions): string {
  const source: Source = { text: prelude + text };
  const machine = machineOf(source, options);
  const svm = machine.opaque("struct svm", "svm");
  for (const [path, value] of Object.entries(set)) machine.setField(svm, path, value);
  const outcome = machine.call("f", [svm], "a.c");
  const text_ = shown(outcome);
  return text_.endsWith("n") && !text_.startsWith("unknown") ? text_.slice(0, -1) : text_;
}

for (const each of CASES) {
  const decide = (): boolean => true;
  test(`structs from outside: ${each.name}`, () => assert.equal(run(TYPES, each, { decide }), each.expected));
  test(`structs from outside, headers missing: ${each.name}`, () => {
    assert.equal(run(NO_TYPES, each, { decide }), each.expected);
  });
}

test("unions and embedded structs from outside", () => {
  const text = `${TYPES}int f(struct svm *svm) { svm->vmcb->control.exit = 0x50002; return svm->vmcb->control.high; }`;
  assert.equal(run("", { name: "", text, expected: "" }, {}), "5");
});

test("fields are read and set from outside by their path", () => {
  const machine = machineOf(
    `${TYPES}void f(struct svm *svm) { svm->vcpu.arch.apic->sw = svm->vcpu.arch.efer != 0; }`,
  );
  const svm = machine.opaque("struct svm", "svm");
  const apic = machine.opaque("struct apic", "apic");
  machine.setField(svm, "vcpu.arch.apic", apic);
  machine.setField(svm, "vcpu.arch.efer", 1n);
  const outcome = machine.call("f", [svm], "a.c");
  assert.ok("value" in outcome);
  assert.equal(machine.field(apic, "sw"), 1);
  assert.equal(machine.field(svm, "vcpu.arch.apic.sw"), 1);
});

test("writes are watched with the calls that led to them", () => {
  const text = `#define CLEAR(map, bit) clear_bit(bit, map)
static void set(u32 *map, int bit, bool on)
{
	unsigned long tmp = map[bit / 32];
	on ? set_bit(bit % 32, &tmp) : clear_bit(bit % 32, &tmp);
	map[bit / 32] = tmp;
}
static void toggle(u32 *map)
{
	set(map, 3, true);
	set(map,
	    33, false);
	CLEAR((unsigned long *)map, 64);
}
void f(u32 *map)
{
	toggle(map);
}
`;
  const machine = machineOf(text);
  const map = machine.bytes("map", 16, 0xf0);
  const writes: WatchedWrite[] = [];
  machine.onWrite(map, (write) => writes.push(write));
  const outcome = machine.call("f", [map], "a.c");
  assert.ok("value" in outcome, JSON.stringify(outcome));
  const lines = writes.map((write) =>
    write.stack.map((frame) => `${frame.function}:${frame.line}`).join(" "),
  );
  assert.deepEqual(lines, ["set:6 toggle:10 f:17", "set:6 toggle:11 f:17", "toggle:13 f:17"]);
  assert.deepEqual(
    writes.map(({ offset, before, after }) => [offset, before[0], after[0]]),
    [
      [0, 0xf0, 0xf8],
      [4, 0xf0, 0xf0],
      [8, 0xf0, 0xf0],
    ],
  );
});

test("an unknown bit makes only itself unknown", () => {
  const machine = machineOf("extern int on; void f(u32 *map) { __assign_bit(1, (unsigned long *)map, on); }");
  const map = machine.bytes("map", 4, 0xff);
  machine.call("f", [map], "a.c");
  assert.ok(map.object.kind === "bytes");
  assert.deepEqual(map.object.byteAt(0), { value: 0xfd, known: 0xfd });
  assert.deepEqual(map.object.byteAt(1), { value: 0xff, known: 0xff });
});

test("a write at an unknown place makes the object unknown", () => {
  const machine = machineOf("extern int at; void f(u32 *map) { map[at] = 0; }");
  const map = machine.bytes("map", 8, 0xff);
  machine.call("f", [map], "a.c");
  assert.ok(map.object.kind === "bytes");
  assert.deepEqual(map.object.snapshot(0, 2), [null, null]);
});

function ways(text: string, bound = {}): string[] {
  const { paths, complete } = explorePaths((decide) => {
    const machine = machineOf(text, { decide, limits: { steps: 10_000 } });
    return shown(machine.call("f", [machine.opaque("struct s", "s")], "a.c"));
  }, bound);
  const words = (answer: Answer): string => `${answer.value ? "" : "!"}(${answer.text})`;
  const lines = paths.map((path) => `${path.conditions.map(words).join(" ")} -> ${path.result}`);
  return complete ? lines : [...lines, "…"];
}

test("all ways through unknown conditions", () => {
  const text =
    "extern int a; struct s { int b; }; int f(struct s *s) { if (a) return 1; if (s->b > 3) return 2; return 3; }";
  assert.deepEqual(ways(text), ["(a) -> 1", "!(a) (3 < s->b) -> 2", "!(a) !(3 < s->b) -> 3"]);
});

test("one question has one answer on a way, negated or not", () => {
  const text =
    "extern int x; int f(void *p) { int r = 0; if (x) r += 1; if (!x) r += 10; if (x == 0) r += 100; if (x != 0) r += 1000; return r; }";
  assert.deepEqual(ways(text), ["(x) -> 1001", "!(x) -> 110"]);
});

test("mirror images are one question", () => {
  const text = "extern int x; int f(void *p) { return (x < 5) + (5 > x) + (x >= 5) * 10; }"
    .replace("return", "int r =")
    .replace("}", "if (x < 5) return 1; if (5 > x) return 2; if (x >= 5) return 3; return 4; }");
  assert.deepEqual(ways(text), ["(x < 5) -> 1", "!(x < 5) -> 3"]);
});

test("a switch on an unknown value takes each case", () => {
  const text =
    "extern int x; int f(void *p) { switch (x) { case 1: return x; case 2: return x * 10; default: return 7; } }";
  assert.deepEqual(ways(text), ["(x == 1) -> 1", "!(x == 1) (x == 2) -> 20", "!(x == 1) !(x == 2) -> 7"]);
});

test("a loop on an unknown condition ends at the bound with a reason", () => {
  const text = "extern int n; int f(void *p) { int i; for (i = 0; i < n; i++); return i; }";
  const found = ways(text, { paths: 3, conditions: 4 });
  assert.equal(found[0], "(0 < n) (1 < n) (2 < n) (3 < n) -> stopped condition");
  assert.equal(found.at(-1), "…");
});

test("an endless loop on one question ends at the step limit", () => {
  const text = "extern int n; int f(void *p) { while (n); return 1; }";
  assert.deepEqual(ways(text), ["(n) -> stopped step-limit", "!(n) -> 1"]);
});

test("a pointer that was followed is not null", () => {
  const text =
    "struct s { struct s *next; int v; }; int f(struct s *s) { s->next->v = 3; if (!s->next) return 1; return s->next->v; }";
  assert.deepEqual(ways(text), [" -> 3"]);
});

test("pointers of unknown origin may be the same", () => {
  const text = "struct s { struct s *a, *b; }; int f(struct s *s) { return s->a == s->b; }";
  assert.deepEqual(ways(text), [" -> unknown s->a == s->b"]);
});

test("overrides stand for functions; globals for variables", () => {
  const text = "extern u64 mask; int outer(int x); int f(void *p) { return outer(mask == 4) + outer(2); }";
  const calls: string[] = [];
  const machine = machineOf(text, {
    globals: new Map([["mask", 4n]]),
    overrides: new Map([
      [
        "outer",
        (args, call) => {
          calls.push(`${call.name} ${String(args[0])} ${call.place.line}`);
          return 20;
        },
      ],
    ]),
  });
  assert.equal(shown(machine.call("f", [0], "a.c")), "40");
  assert.deepEqual(calls, ["outer 1 1", "outer 2 1"]);
});

test("expressions as they would stand in a file", () => {
  const machine = machineOf("#define BASE 0x800\nenum { E = 3 };\nstatic const int t[] = { 5, 6 };\n");
  assert.equal(shown(machine.evaluate("BASE + (E << 4) + t[1]", "a.c")), String(0x836));
  assert.equal(shown(machine.evaluate("sizeof(t) +", "a.c")), "stopped syntax");
  assert.equal(shown(machine.evaluate("gone", "a.c")), "unknown gone");
});

test("addresses of pieces", () => {
  const machine = machineOf(`${TYPES}`);
  const svm = machine.opaque("struct svm", "svm");
  assert.ok(machine.fieldRef(svm, "vcpu") instanceof Pointer);
});
