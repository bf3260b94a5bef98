/** Every class of hostile input has vectors here, or tests elsewhere that are named here and exist. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { packagePath } from "../../src/package-root.ts";
import { VECTORS } from "./vectors/all.ts";

/** Name of the class, and where else than in vectors/ it is tested: file and a part of the test's name. */
const CLASSES: readonly (readonly [string, ...(readonly [string, string])[]])[] = [
  [
    "header injection",
    ["reply/mail.test.ts", "exactly the expected headers, one each"],
    ["torture/fuzz.test.ts", "one header each"],
  ],
  [
    "SMTP smuggling",
    ["service/journey.test.ts", "two replies, and nobody answers them"],
    ["torture/fuzz.test.ts", "goes to whom it should"],
  ],
  ["identity", ["reply/clean.test.ts", "ids with blanks"]],
  ["huge mails", ["sources/imap.test.ts", "one over the limit comes as its header"]],
  ["graphs of references", ["mail/series.test.ts", "cycles, long chains and crowds end"]],
  ["depth and number of MIME parts"],
  ["malformed MIME", ["mail/torture.test.ts", "every foreign mail is a message"]],
  ["bombs to decode"],
  ["charsets"],
  ["damaged patches", ["torture/zzuf.test.ts", "times damage to the mail"]],
  ["quadratic expressions", ["torture/regexes.test.ts", "linear: the"], ["mail/torture.test.ts", "linear: "]],
  ["grammar of subjects", ["torture/fuzz.test.ts", "small counters or none"]],
  [
    "paths out of the tree",
    ["patch/parse.test.ts", "names that leave the tree are refused"],
    ["torture/strace.test.ts", "only the tree is read"],
  ],
  [
    "options for git",
    ["kernel/git.test.ts", "names that are options, paths or two lines never reach git"],
    ["torture/strace.test.ts", "git alone is started"],
  ],
  ["hunks that lie", ["patch/mutation.test.ts", "counted right"]],
  ["what a diff means"],
  ["NUL and controls", ["reply/render.test.ts", "control characters"]],
  ["Unicode"],
  ["scripts in pages", ["web/hostile.test.ts", "nothing of it runs and nothing is fetched"]],
  ["prototype pollution", ["web/hostile.test.ts", "polluting parameters change nothing"]],
  [
    "lines in the log",
    ["web/hostile.test.ts", "metrics do not name it"],
    ["web/operations.test.ts", "a request's id is the log's"],
  ],
  [
    "loops of bots",
    ["e2e/loops.test.ts", "no reply, no answer, no command, no series"],
    ["reply/policy/automatic.test.ts", "a machine's"],
  ],
  [
    "floods",
    ["jobs/moderators.test.ts", "of a flood only as many as replies a day"],
    ["jobs/commands.test.ts", "the limits of answers"],
  ],
  ["forged senders", ["jobs/commands.test.ts", "only the maintainer's approve counts"]],
  [
    "duplicates",
    ["jobs/series.test.ts", "the same id with other content is flagged"],
    ["jobs/series.test.ts", "from several sources join into one series"],
  ],
  ["wrong threads", ["mail/series.test.ts", "two parts with one number"]],
  [
    "C that does not end",
    ["jobs/series.test.ts", "a review that hangs is killed"],
    ["torture/csmith.test.ts", "csmith: "],
  ],
  ["C of great size"],
  ["macros", ["torture/fuzz.test.ts", "any C is evaluated or refused"]],
  ["C that is deep", ["c/mutation.test.ts", "end with a value or a reason"]],
  ["undefined behaviour", ["torture/csmith.test.ts", "csmith: "]],
  ["C that wants the host", ["torture/strace.test.ts", "nothing is started, written or called"]],
  ["queries", ["torture/http.test.ts", "finds nothing and breaks nothing"]],
  [
    "jobs and records of somebody else",
    ["store/store.test.ts", "a changed byte is noticed"],
    ["jobs/series.test.ts", "a mail that cannot be handled becomes a dead letter"],
  ],
];

for (const [at, [name, ...elsewhere]] of CLASSES.entries()) {
  test(`class ${at + 1}: ${name}`, () => {
    const vectors = VECTORS.filter((vector) => vector.class === at + 1);
    assert.ok(vectors.length + elsewhere.length > 0);
    for (const [file, title] of elsewhere)
      assert.ok(readFileSync(packagePath("test", file), "utf8").includes(title), `${file}: ${title}`);
  });
}

test("no two vectors have one name, and none is of a class that is not there", () => {
  const names = VECTORS.map((vector) => `${vector.class} ${vector.name}`);
  assert.equal(new Set(names).size, names.length);
  assert.ok(VECTORS.every((vector) => vector.class >= 1 && vector.class <= CLASSES.length));
});
