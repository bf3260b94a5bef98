import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAccessSet, rowsOfSets } from "../../src/model/access-set.ts";
import { zen4 } from "../../src/model/zen4.ts";
import { msrHex } from "../../src/x2apic.ts";
import type { AccessSet } from "../../src/x2apic.ts";
import { NEW_SET, OLD_SET } from "./posted.ts";

function toJson({ read, write }: AccessSet, form = msrHex): string {
  return JSON.stringify({ read: read.map(form), write: write.map(form) });
}

test("two sets as JSON give the posted table", () => {
  const old = parseAccessSet(toJson(OLD_SET), "old.json");
  const now = parseAccessSet(toJson(NEW_SET), "new.json");
  assert.ok(old.ok && now.ok);
  const rows = rowsOfSets(old.value, now.value, zen4);
  assert.equal(rows.length, 29);
  assert.equal(rows.filter(({ read }) => read.changed).length, 10);
  assert.equal(rows.filter(({ write }) => write.changed).length, 22);
});

for (const [title, text] of [
  ["upper case and any order", '{"write": ["0X80B"], "read": ["0x8FF", "0x802"]}'],
  ["duplicates", '{"read": ["0x802", "0x8ff", "0x802"], "write": ["0x80b", "0x80b"]}'],
  ["numbers", '{"read": [2050, 2303], "write": [2059]}'],
  ["CRLF", '{"read": ["0x802",\r\n"0x8ff"],\r\n"write": ["0x80b"]}\r\n'],
  [
    "the output of sets",
    '{"revision": "x", "sets": {"active": {"read": ["0x802", "0x8ff"], "write": ["0x80b"]}, "deactivated": {}}}',
  ],
] as const) {
  test(`accepted: ${title}`, () => {
    assert.deepEqual(parseAccessSet(text, "f"), {
      ok: true,
      value: { read: [0x802, 0x8ff], write: [0x80b] },
    });
  });
}

test("the whole range is accepted", () => {
  const ends = { read: [0x800, 0x8ff], write: [0x800] };
  assert.deepEqual(parseAccessSet(toJson(ends), "f"), { ok: true, value: ends });
});

const FORM = '{"read": ["0x802", ...], "write": [...]}';
const ENTRY = 'must be an MSR of 0x800..0x8ff such as "0x802", not';

for (const [text, error] of [
  ["", `f: not JSON; expected ${FORM}`],
  ["{", `f: not JSON; expected ${FORM}`],
  ["[]", `f: expected ${FORM}, not []`],
  ["null", `f: expected ${FORM}, not null`],
  ['{"read": []}', `f: "write" is missing; expected ${FORM}`],
  ['{"reads": [], "write": []}', `f: unknown key "reads"; expected ${FORM}`],
  ['{"read": "0x802", "write": []}', 'f: "read" must be a list such as ["0x802"], not "0x802"'],
  ['{"read": [], "write": ["0x80b", "0x7ff"]}', `f: "write"[1] ${ENTRY} "0x7ff"`],
  ['{"read": ["0x900"], "write": []}', `f: "read"[0] ${ENTRY} "0x900"`],
  ['{"read": ["802"], "write": []}', `f: "read"[0] ${ENTRY} "802"`],
  ['{"read": [802.5], "write": []}', `f: "read"[0] ${ENTRY} 802.5`],
  ['{"read": [null], "write": []}', `f: "read"[0] ${ENTRY} null`],
  ['{"read": ["2050"], "write": []}', `f: "read"[0] ${ENTRY} "2050"`],
  ['{"read": [["0x802"]], "write": []}', `f: "read"[0] ${ENTRY} ["0x802"]`],
  ['{"read": [true], "write": []}', `f: "read"[0] ${ENTRY} true`],
  [`{"read": ["${"x".repeat(38)}"], "write": []}`, `f: "read"[0] ${ENTRY} "${"x".repeat(38)}"`],
  [`{"read": ["${"x".repeat(39)}"], "write": []}`, `f: "read"[0] ${ENTRY} "${"x".repeat(36)}...`],
  ['{"sets": {}}', `f: expected ${FORM}, not undefined`],
] as const) {
  test(`refused: ${text}`, () => {
    assert.deepEqual(parseAccessSet(text, "f"), { ok: false, error });
  });
}

test("any JSON is accepted or refused in one short line", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      const parsed = parseAccessSet(text, "f");
      if (!parsed.ok) assert.match(parsed.error, /^f: [^\n]{1,200}$/u);
    }),
  );
});
