/** Diffs that want out of the tree, lie about themselves, or mean something else than they seem. */
import { AVIC, CALL, changing, codeOnTop, patchOf, withBody } from "./patches.ts";
import { letter, type Vector } from "./vector.ts";

const HUNK = "@@ -1 +1 @@\n-a\n+b\n";
const between = (old: string, now: string, hunks = HUNK, more = "") =>
  letter({}, `diff --git ${old} ${now}\n${more}--- ${old}\n+++ ${now}\n${hunks}`);
const onAvic = (hunks: string) => between(`a/${AVIC}`, `b/${AVIC}`, hunks);

const PATHS: readonly [string, string][] = [
  ["climbs", "b/../../../tmp/pwn"],
  ["climbs in its middle", "b/arch/../../tmp/pwn"],
  ["is absolute", "/tmp/pwn"],
  ["is a device", "/dev/sda"],
  ["is in .git", "b/.git/hooks/pre-commit"],
  ["is in .GIT", "b/.GIT/config"],
  ["is quoted", '"b/\\056\\056/\\056\\056/tmp/pwn"'],
  ["is quoted with a NUL", '"b/\\000/tmp/pwn"'],
  ["is quoted with a newline", '"b/x\\n+++ b/../tmp/pwn"'],
  ["has a backslash", "b/..\\..\\tmp\\pwn"],
  ["is nothing", "b/"],
  ["is a dot", "b/."],
  ["has two slashes", "b//tmp/pwn"],
  ["is an option", "b/--output=/tmp/pwn"],
  ["is a revision", "b/HEAD:x"],
  ["is 64 KB long", `b/${"x/".repeat(32_768)}y`],
];
const paths: readonly Vector[] = PATHS.map(([name, path]) => ({
  class: 13,
  name: `a new path that ${name}`,
  entrance: "review" as const,
  text: () => between(`a/${AVIC}`, path),
  verdict: /^(?:3 undetermined: |1 .*no patch)/,
}));

const KINDS: readonly [string, string, string][] = [
  ["a symbolic link", "120000", "+../../../etc/passwd\n\\ No newline at end of file\n"],
  ["a submodule", "160000", "+Subproject commit 1111111111111111111111111111111111111111\n"],
  ["a file of odd mode", "177777", "+x\n"],
  ["a setuid file", "104755", "+x\n"],
];
const kinds: readonly Vector[] = KINDS.map(([name, mode, line]) => ({
  class: 13,
  name: `${name} in place of avic.c`,
  entrance: "review" as const,
  text: () =>
    letter(
      {},
      `diff --git a/${AVIC} b/${AVIC}\ndeleted file mode 100644\n--- a/${AVIC}\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n`,
    ) +
    `diff --git a/${AVIC} b/${AVIC}\nnew file mode ${mode}\n--- /dev/null\n+++ b/${AVIC}\n@@ -0,0 +1 @@\n${line}`,
  verdict: /^3 undetermined: /,
}));

const options: readonly Vector[] = [
  "--upload-pack=touch /tmp/pwn",
  "--output=/tmp/pwn",
  "HEAD; touch /tmp/pwn",
  "$(touch /tmp/pwn)",
  "HEAD\n--output=/tmp/pwn",
  "1234567 --all",
].flatMap((id) => [
  {
    class: 14,
    name: `base-commit: ${id}`,
    entrance: "review" as const,
    text: () => withBody(changing(), (body) => `base-commit: ${id}\nprerequisite-patch-id: ${id}\n${body}`),
    verdict: /^0 changed$/,
  },
  {
    class: 14,
    name: `index ${id}`,
    entrance: "review" as const,
    text: () =>
      changing().replace(/^index .*$/m, `index ${id.replace("\n", " ")}..${id.replace("\n", " ")} 100644`),
    verdict: /^(?:0 changed|3 undetermined: .*)$/,
  },
]);

const LIES: readonly [string, string][] = [
  ["more lines than it says", "@@ -1 +1 @@\n-a\n-b\n+c\n+d\n"],
  ["fewer lines than it says", "@@ -1,9 +1,9 @@\n-a\n+b\n"],
  ["a billion lines, it says", "@@ -1,1000000000 +1,1000000000 @@\n-a\n+b\n"],
  ["numbers beyond 2^53", "@@ -99999999999999999999,1 +99999999999999999999,1 @@\n-a\n+b\n"],
  ["negative lines", "@@ --1,-5 +-1,-5 @@\n-a\n+b\n"],
  ["a start far behind the end", "@@ -900000,1 +900000,1 @@\n-a\n+b\n"],
  ["hunks that overlap", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n@@ -2,2 +2,2 @@\n-b\n+d\n e\n"],
  ["hunks in the wrong order", "@@ -50 +50 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n"],
  ["no hunk", ""],
  ["an empty hunk", "@@ -0,0 +0,0 @@\n"],
  ["a hunk of context alone", "@@ -1 +1 @@\n a\n"],
  ["a header in a hunk", `@@ -1,2 +1,2 @@\n-a\n--- a/${AVIC}\n+++ b/${AVIC}\n+b\n`],
  ["a combined diff", "@@@ -1,1 -1,1 +1,1 @@@\n- a\n -b\n++c\n"],
];
const lies: readonly Vector[] = LIES.map(([name, hunks]) => ({
  class: 15,
  name: `a diff with ${name}`,
  entrance: "review" as const,
  text: () => onAvic(hunks),
  verdict: /^(?:3 undetermined: |1 .*no patch|0 (?:not-applicable|unchanged))/,
}));

const many: readonly Vector[] = [
  {
    class: 15,
    name: "a million hunks",
    entrance: "diff",
    text: (count) =>
      onAvic(Array.from({ length: count }, (_, at) => `@@ -${at} +${at} @@\n-a\n+b\n`).join("")),
    size: 1_000_000,
    verdict: /too-large/,
  },
  {
    class: 15,
    name: "200,000 hunks, through the whole review",
    entrance: "review",
    text: (count) =>
      onAvic(Array.from({ length: count }, (_, at) => `@@ -${at} +${at} @@\n-a\n+b\n`).join("")),
    size: 200_000,
    verdict: /^3 undetermined: /,
  },
  {
    class: 15,
    name: "100,000 files",
    entrance: "diff",
    text: (count) =>
      Array.from(
        { length: count },
        (_, at) => `diff --git a/${at} b/${at}\n--- a/${at}\n+++ b/${at}\n${HUNK}`,
      ).join(""),
    size: 100_000,
    verdict: /too-large/,
  },
  {
    class: 15,
    name: "a hunk with a line of 5 MB",
    entrance: "diff",
    text: (bytes) => onAvic(`@@ -1 +1 @@\n-${"x".repeat(bytes)}\n+b\n`),
    size: 5_000_000,
    verdict: /^modify/,
  },
  {
    class: 11,
    name: "a million lines that look like headers",
    entrance: "diff",
    text: (count) => "--- a\n+++ b\n".repeat(count / 2),
    size: 1_000_000,
    verdict: /^$/,
  },
  {
    class: 11,
    name: "500,000 times diff --git",
    entrance: "diff",
    text: (count) => "diff --git a b\n".repeat(count),
    size: 500_000,
    verdict: /./,
  },
  {
    class: 11,
    name: "names without an end, 500 KB of them",
    entrance: "diff",
    text: (bytes) => `diff --git ${'a b/"\\'.repeat(bytes / 6)}\n${HUNK}`,
    size: 500_000,
    verdict: /./,
  },
  {
    class: 8,
    name: "a binary patch that unpacks to 200 MB",
    entrance: "review",
    text: () =>
      letter(
        {},
        `diff --git a/${AVIC} b/${AVIC}\nindex 1111111..2222222 100644\nGIT binary patch\nliteral 209715200\n`,
      ) + `${`z${"c".repeat(66)}\n`.repeat(4000)}\nliteral 0\nHcmV?d00001\n\n`,
    verdict: /^3 undetermined: /,
  },
];

const quoted = (body: string) => body.replace(/^/gm, "> ");
const twice = (body: string) => body.replace(/(diff --git [^]*)(?=^-- $)/m, "$1$1");
const MEANINGS: readonly [string, () => string, RegExp][] = [
  ["a quoted diff", () => withBody(changing(), quoted), /^1 .*no patch/],
  [
    "a diff in an answer",
    () => changing().replace("Subject: [PATCH]", "Subject: Re: [PATCH]"),
    /^1 .*no patch/,
  ],
  ["the same file twice", () => withBody(changing(), twice), /^3 undetermined: /],
  ["a file named in words", () => letter({}, `I would change ${AVIC} so:\n+\tMSR_TYPE_R\n`), /^1 .*no patch/],
  [
    "a rename of avic.c",
    () =>
      letter({}, `diff --git a/${AVIC} b/x.c\nsimilarity index 100%\nrename from ${AVIC}\nrename to x.c\n`),
    /^3 undetermined: |^0 not-applicable/,
  ],
  [
    "two files that swap",
    () =>
      letter(
        {},
        `diff --git a/${AVIC} b/arch/x86/kvm/x86.c\nsimilarity index 100%\nrename from ${AVIC}\nrename to arch/x86/kvm/x86.c\ndiff --git a/arch/x86/kvm/x86.c b/${AVIC}\nsimilarity index 100%\nrename from arch/x86/kvm/x86.c\nrename to ${AVIC}\n`,
      ),
    /^3 undetermined: /,
  ],
  ["avic.c deleted", () => patchOf(() => ""), /^3 undetermined: /],
  [
    "a diff in a cover letter",
    () => changing().replace("[PATCH]", "[PATCH 0/1]"),
    /^(?:1 |0 not-applicable|3 undetermined)/,
  ],
];
const meanings: readonly Vector[] = MEANINGS.map(([name, text, verdict]) => ({
  class: 16,
  name,
  entrance: "review" as const,
  text,
  verdict,
}));

/** The Cyrillic letter that looks like A, and marks that turn text around, as UTF-8 byte strings. */
const LOOKALIKE = "\xd0\x90";
const OVERRIDE = "\xe2\x80\xae";
const unicode: readonly Vector[] = [
  {
    class: 18,
    name: "a register whose first letter is Cyrillic is not that register",
    entrance: "review",
    text: () =>
      patchOf((text) =>
        text.replace("APIC_TASKPRI", `${LOOKALIKE}PIC_TASKPRI`).replace("APIC_EOI", `${LOOKALIKE}PIC_EOI`),
      ),
    verdict: /^3 undetermined: /,
  },
  {
    class: 18,
    name: "code that is turned around for the eye",
    entrance: "review",
    text: () => patchOf((text) => text.replace(CALL, `/* ${OVERRIDE} } if (0) */ ${CALL}`)),
    verdict: /^0 unchanged$/,
  },
  {
    class: 17,
    name: "NUL, escape and backspace in the code",
    entrance: "review",
    text: () => codeOnTop("/* \0 \x1b[2J \b */ int x\0y;"),
    verdict: /^(?:0 unchanged|3 undetermined: [ -~]*)$/,
  },
];

export const DIFF_VECTORS: readonly Vector[] = [
  ...paths,
  ...kinds,
  ...options,
  ...lies,
  ...many,
  ...meanings,
  ...unicode,
];
