import assert from "node:assert/strict";
import { test } from "node:test";
import { touchedPaths } from "../../src/patch/diff.ts";
import { parseDiff, PATCH_LIMITS } from "../../src/patch/parse.ts";

const HUNK = "@@ -1,3 +1,3 @@ int f(void)\n a\n-b\n+B\n c\n";
const MODIFY = `diff --git a/x.c b/x.c\nindex 1234567..89abcde 100644\n--- a/x.c\n+++ b/x.c\n${HUNK}`;

/** `change old new` of each file, then the problem codes. */
function outline(text: string): string[] {
  const { files, problems } = parseDiff(text);
  return [
    ...files.map((file) => `${file.change} ${file.oldPath} ${file.newPath}`),
    ...problems.map((problem) => `! ${problem.code}`),
  ];
}

test("a mail as git format-patch writes it", () => {
  const mail = [
    "Drop the write. See --- a/y in the text.",
    "",
    "    diff --git a/indented b/indented",
    "> diff --git a/quoted b/quoted",
    "diff --git says more than this line",
    "---",
    " x.c | 2 +-",
    " 1 file changed, 1 insertion(+), 1 deletion(-)",
    "",
    `${MODIFY}-- `,
    "2.43.0",
    "",
    "base-commit: 0123456789abcdef0123456789abcdef01234567",
    "",
  ].join("\n");
  const expected = {
    files: [
      {
        oldPath: "x.c",
        newPath: "x.c",
        change: "modify",
        oldBlob: "1234567",
        newBlob: "89abcde",
        oldMode: "100644",
        newMode: "100644",
        binary: false,
        hunks: [
          {
            line: 14,
            oldStart: 1,
            oldLines: 3,
            newStart: 1,
            newLines: 3,
            lines: [" a", "-b", "+B", " c"],
            oldEndsWithoutLf: false,
            newEndsWithoutLf: false,
          },
        ],
      },
    ],
    problems: [],
  };
  assert.deepEqual(parseDiff(mail), expected);
  assert.deepEqual(parseDiff(mail.replaceAll("\n", "\r\n")), expected);
});

test("what happens to the file", () => {
  const cases: [string, string[]][] = [
    [
      `diff --git a/n b/n\nnew file mode 100644\nindex 0000000..1234567\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+a\n`,
      ["add null n"],
    ],
    ["diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\n", ["add null e"]],
    [
      "diff --git a/d b/d\ndeleted file mode 100644\nindex 1234567..0000000\n--- a/d\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
      ["delete d null"],
    ],
    ["diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n", ["rename o n"]],
    [
      `diff --git a/o b/n\nsimilarity index 90%\nrename from o\nrename to n\nindex 1234567..89abcde 100644\n--- a/o\n+++ b/n\n${HUNK}`,
      ["rename o n"],
    ],
    ["diff --git a/o b/n\nsimilarity index 100%\ncopy from o\ncopy to n\n", ["copy o n"]],
    ["diff --git a/s b/s\nold mode 100644\nnew mode 100755\n", ["mode s s"]],
    [
      `diff --git a/s b/s\nold mode 100644\nnew mode 100755\nindex 1234567..89abcde\n--- a/s\n+++ b/s\n${HUNK}`,
      ["modify s s"],
    ],
    [
      'diff --git "a/\\303\\244 \\"q\\".c" "b/\\303\\244 \\"q\\".c"\nold mode 100644\nnew mode 100755\n',
      ['mode \xc3\xa4 "q".c \xc3\xa4 "q".c'],
    ],
    ["diff --git a/two words b/two words\nold mode 100644\nnew mode 100755\n", ["mode two words two words"]],
    [`diff --git a/a b.c b/a b.c\n--- a/a b.c\t\n+++ b/a b.c\t\n${HUNK}`, ["modify a b.c a b.c"]],
    [`diff --git i/x.c w/x.c\n--- i/x.c\n+++ w/x.c\n${HUNK}`, ["modify x.c x.c"]],
    [`diff --git arch/x.c arch/x.c\n--- arch/x.c\n+++ arch/x.c\n${HUNK}`, ["modify arch/x.c arch/x.c"]],
    [
      `--- linux-6.1.orig/arch/x.c\t2024-01-01\n+++ linux-6.1/arch/x.c\t2024-01-02\n${HUNK}`,
      ["modify arch/x.c arch/x.c"],
    ],
    [
      `Index: x.c\n=====\n--- a/x.c\n+++ b/x.c\n${HUNK}--- a/y.c\n+++ b/y.c\n${HUNK}`,
      ["modify x.c x.c", "modify y.c y.c"],
    ],
    [
      "--- a/n\t1970-01-01 00:00:00.000000000 +0000\n+++ b/n\t2024-01-02\n@@ -0,0 +1 @@\n+a\n",
      ["add null n"],
    ],
    ["--- a/n\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", ["delete n null"]],
    [`${MODIFY}-- \n2.1\n\nAnd another:\n\n${MODIFY}`, ["modify x.c x.c", "modify x.c x.c"]],
    ["no diff at all\n--- a/x\n+++ b/x\n", []],
    ["", []],
  ];
  for (const [text, expected] of cases) {
    assert.deepEqual(outline(text), expected, text);
    if (text !== "") assert.deepEqual(outline(text.replaceAll("\n", "\r\n")), expected, text);
  }
});

test("binary changes have no hunks and are not inflated", () => {
  const bomb = `diff --git a/b b/b\nindex 1234567..89abcde 100644\nGIT binary patch\nliteral 200000000\n${"zcmZ?w00\n".repeat(4000)}\n`;
  const { files, problems } = parseDiff(`${bomb}${MODIFY}`);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    files.map((file) => [file.newPath, file.binary, file.hunks.length]),
    [
      ["b", true, 0],
      ["x.c", false, 1],
    ],
  );
  assert.equal(
    parseDiff("diff --git a/p b/p\nindex 1234567..89abcde 100644\nBinary files a/p and b/p differ\n").files[0]
      ?.binary,
    true,
  );
});

test("the mark of a missing LF belongs to the line before it", () => {
  const cases: [string, boolean, boolean][] = [
    ["-a\n\\ No newline at end of file\n+a\n", true, false],
    ["-a\n+a\n\\ No newline at end of file\n", false, true],
    ["-a\n\\ Kein Zeilenumbruch am Dateiende.\n+b\n\\ Kein Zeilenumbruch\n", true, true],
  ];
  for (const [body, oldSide, newSide] of cases) {
    const hunk = parseDiff(`--- a/f\n+++ b/f\n@@ -1 +1 @@\n${body}`).files[0]?.hunks[0];
    assert.equal(hunk?.oldEndsWithoutLf, oldSide, body);
    assert.equal(hunk?.newEndsWithoutLf, newSide, body);
    assert.equal(hunk?.lines.length, 2);
  }
});

test("CR that belong to the file stay", () => {
  const diff = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@ int\r\n a\r\n-b\r\n+c\r\n";
  assert.deepEqual(parseDiff(diff).files[0]?.hunks[0]?.lines, [" a\r", "-b\r", "+c\r"]);
});

test("a diff that contradicts itself is damaged", () => {
  const head = "diff --git a/x b/x\nindex 1234567..89abcde 100644\n--- a/x\n+++ b/x\n";
  const cases = [
    `${head}@@ -1,4 +1,3 @@\n a\n-b\n+B\n c\n`,
    `${head}@@ -1,2 +1,3 @@\n a\n-b\n+B\n c\n`,
    `${head}@@ -1,999999999 +1,999999999 @@\n a\n-b\n+B\n`,
    `${head}@@ -1,9999999999999 +1,3 @@\n a\n-b\n+B\n`,
    `${head}@@ -1,3 +1,3 @@\n a\n-b\n+B\n`,
    `${head}@@ -1,3 +1,3 @@\n a\n-b\n+B\n-- \n2.43.0\n`,
    `${head}@@ -1,3 +1,3 @@\n a\n-b\nwrapped\n+B\n c\n`,
    `${head}@@ -1,3 +1,3 @@\n a\n-b\n+B\n${MODIFY}`,
    `${head}@@ -1,2 +1,2 @@\n-a\n\\ No newline at end of file\n b\n+a\n`,
    `${head}@@ -0,0 +0,0 @@\n`,
    `${head}@@ -1 +1 @@\n\\ No newline at end of file\n-a\n+b\n`,
    `${head}${HUNK}+more\n`,
    `${head}${HUNK}\n${HUNK}`,
    head,
    "diff --git a/x b/x\nindex 1234567..89abcde 100644\n",
    "diff --git a/x b/x\n",
    "diff --git a/x b/y\nold mode 100644\nnew mode 100755\n",
    `diff --git a/x b/x\n--- a/x\n+++ b/other\n${HUNK}`,
    "diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1234567\n",
    `diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n${HUNK}`,
    'diff --git "a/x b/x\nold mode 100644\nnew mode 100755\n',
    `diff --git a/o b/n\nsimilarity index 90%\nrename from o\nrename to n\nindex 1234567..89abcde\n`,
  ];
  for (const text of cases) {
    for (const form of [text, text.replaceAll("\n", "\r\n")]) {
      const codes = parseDiff(form).problems.map((problem) => problem.code);
      assert.ok(codes.includes("damaged"), JSON.stringify({ form, codes }));
    }
  }
});

test("a combined diff is refused", () => {
  const text =
    "diff --cc x.c\nindex 1234567,89abcde..fedcba9\n--- a/x.c\n+++ b/x.c\n@@@ -1,1 -1,1 +1,2 @@@\n  a\n++b\n";
  assert.deepEqual(outline(text)[0], "! combined");
});

test("names that leave the tree are refused, whatever the quoting", () => {
  const names = [
    "../../tmp/pwn",
    "/etc/passwd",
    ".git/hooks/x",
    "x/../../y",
    "x//y",
    "./x",
    "a\\b",
    "x/.GIT/y",
  ];
  for (const name of names) {
    const quoted = `"b/${name.replaceAll("\\", "\\\\").replaceAll(".", "\\056")}"`;
    const texts = [
      `diff --git a/${name} b/${name}\n--- a/${name}\n+++ b/${name}\n${HUNK}`,
      `diff --git ${quoted.replace("b/", "a/")} ${quoted}\nold mode 100644\nnew mode 100755\n`,
      `--- a/${name}\n+++ b/${name}\n${HUNK}`,
      `diff --git a/o b/o\nsimilarity index 100%\nrename from o\nrename to ${name}\n`,
    ];
    for (const text of texts) {
      const result = parseDiff(text);
      assert.deepEqual(result.files, [], text);
      assert.deepEqual(
        result.problems.map((problem) => problem.code),
        ["unsafe-path"],
        text,
      );
    }
  }
});

test("ids that are no ids are not stated", () => {
  for (const index of ["--output=x..--upload-pack=y", "123..456", "0000000..89abcdeg", "../x..y"]) {
    const [file] = parseDiff(`diff --git a/x b/x\nindex ${index}\n--- a/x\n+++ b/x\n${HUNK}`).files;
    assert.equal(file?.oldBlob ?? null, null, index);
    assert.equal(file?.newBlob ?? null, null, index);
  }
});

test("large diffs are read in linear time, too large ones are refused", () => {
  const hunks = (count: number): string =>
    Array.from({ length: count }, (_, at) => `@@ -${at * 4 + 1} +${at * 4 + 1} @@\n-a\n+b\n`).join("");
  const many = parseDiff(`--- a/x\n+++ b/x\n${hunks(10_000)}`);
  assert.equal(many.files[0]?.hunks.length, 10_000);
  assert.deepEqual(many.problems, []);
  const over = parseDiff(`--- a/x\n+++ b/x\n${hunks(1_000_000)}`);
  assert.deepEqual(
    over.problems.map((problem) => problem.code),
    ["too-large"],
  );
  const long = parseDiff(`--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+${"x".repeat(10_000_000)}\n`);
  assert.equal(long.files[0]?.hunks[0]?.lines[1]?.length, 10_000_001);
  const header = parseDiff(`diff --git ${"a/".repeat(2_000_000)} b/x\n`);
  assert.equal(header.files.length, 0);
  assert.equal(parseDiff("x".repeat(100), { ...PATCH_LIMITS, chars: 99 }).problems[0]?.code, "too-large");
  assert.equal(parseDiff("diff --git a/x b/x\n".repeat(200_000)).problems.length, 20);
});

test("touched paths are both sides of every change", () => {
  const rename = "diff --git a/o b/n\nsimilarity index 100%\nrename from o\nrename to n\n";
  assert.deepEqual(touchedPaths(parseDiff(`${MODIFY}${rename}${MODIFY}`).files), ["n", "o", "x.c"]);
});
