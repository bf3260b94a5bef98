import { after, test } from "node:test";
import assert from "node:assert/strict";
import { isEvaluated } from "../../src/evaluated-files.ts";
import { parseMessage } from "../../src/mail/message.ts";
import { parseDiff } from "../../src/patch/parse.ts";
import { touchedPaths } from "../../src/patch/diff.ts";
import { mayConcern } from "../../src/sources/first-look.ts";
import { readMessages } from "../../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../mails.ts";

const seed = Number(process.env["AVICBOT_SEED"] ?? Date.now() % 1_000_000);
after(() => console.log(`encodings made with AVICBOT_SEED=${seed}`));

const HEAD = "From: A <a@b.org>\nSubject: [PATCH] x\n";

function diff(path: string): string {
  return `why\n---\ndiff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-a\n+b\n`;
}

const SVM = "arch/x86/kvm/svm/avic.c";

const CASES: [string, string, boolean][] = [
  ["svm", `${HEAD}\n${diff(SVM)}`, true],
  ["the old place of svm.c", `${HEAD}\n${diff("arch/x86/kvm/svm.c")}`, true],
  ["lapic.h", `${HEAD}\n${diff("arch/x86/kvm/lapic.h")}`, true],
  ["msr-index.h", `${HEAD}\n${diff("arch/x86/include/asm/msr-index.h")}`, true],
  ["bits.h", `${HEAD}\n${diff("include/linux/bits.h")}`, true],
  ["bitops.h", `${HEAD}\n${diff("include/linux/bitops.h")}`, true],
  ["vdso/bits.h", `${HEAD}\n${diff("include/vdso/bits.h")}`, true],
  ["a header of KVM's other parts", `${HEAD}\n${diff("arch/x86/kvm/vmx/vmx.h")}`, true],
  ["a source of KVM's other parts", `${HEAD}\n${diff("arch/x86/kvm/vmx/vmx.c")}`, false],
  ["a Makefile", `${HEAD}\n${diff("arch/x86/kvm/Makefile")}`, false],
  ["another header of the architecture", `${HEAD}\n${diff("arch/x86/include/asm/cpufeatures.h")}`, false],
  ["the tools' copy of a header", `${HEAD}\n${diff("tools/arch/x86/include/asm/msr-index.h")}`, false],
  ["virt/kvm", `${HEAD}\n${diff("virt/kvm/kvm_main.c")}`, false],
  ["another prefix", `${HEAD}\n${diff(SVM).replaceAll(/ [ab]\//g, " linux-6.12.orig/")}`, true],
  ["no prefix", `${HEAD}\n${diff(SVM).replaceAll(/ [ab]\//g, " ")}`, true],
  [
    "a time stamp",
    `${HEAD}\n--- ${SVM}.orig\t2026-01-01\n+++ ${SVM}\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n`,
    true,
  ],
  ["blanks in a name", `${HEAD}\ndiff --git a/x y b/arch/x86/kvm/x y\nnew file mode 100644\n`, true],
  [
    "moved away, said by the rename alone",
    `${HEAD}\ndiff --git a/x b/x\nrename from ${SVM}\nrename to x\n`,
    true,
  ],
  ["a header line without end", `${HEAD}\ndiff --git a/${"x/".repeat(3000)}y b/y\n`, true],
  ["another architecture", `${HEAD}\n${diff("arch/arm64/kvm/arm.c")}`, false],
  ["documentation", `${HEAD}\n${diff("Documentation/virt/kvm/api.rst")}`, false],
  ["only mentioned", `${HEAD}\nsee arch/x86/kvm/svm/avic.c\n arch/x86/kvm/lapic.c | 2 +-\n`, false],
  ["quoted", `${HEAD}\n${diff(SVM).replace(/^/gm, "> ")}`, false],
  ["a command", "From: a@b.org\n\n#avicbot hold\n", true],
  ["a command in capitals", "From: a@b.org\n\n#AvicBot hold\n", true],
  ["another word", "From: a@b.org\n\n#avicbo #define AVICBOT\n", false],
  [
    "a command in quoted-printable",
    `${HEAD}Content-Transfer-Encoding: quoted-printable\n\n=23avicbot\n`,
    true,
  ],
  ["DOS line ends", `${HEAD}\n${diff(SVM)}`.replaceAll("\n", "\r\n"), true],
  [
    "another file, with DOS line ends",
    `${HEAD}\n${diff("arch/x86/kvm/vmx/vmx.c")}`.replaceAll("\n", "\r\n"),
    false,
  ],
  ["lone CR", `${HEAD}\n${diff(SVM)}`.replaceAll("\n", "\r"), true],
  ["only renamed", `${HEAD}\ndiff --git a/x b/${SVM}\nrename from x\nrename to ${SVM}\n`, true],
  ["deleted, without diff --git", `${HEAD}\n--- a/${SVM}\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n`, true],
  ["a bare patch", diff(SVM).replace("why\n---\n", ""), true],
  ["a bare quilt patch", `--- a/${SVM}\n+++ b/${SVM}\n@@ -1 +1 @@\n-a\n+b\n`, true],
  [
    "a name in escapes",
    `${HEAD}\n--- "a/arch\\057x86"\n+++ "b/arch\\057x86/kvm"\n@@ -1 +1 @@\n-a\n+b\n`,
    true,
  ],
  ["no header end", "Content-Transfer-Encoding: base64", false],
  ["nothing", "", false],
  [
    "a folded encoding",
    `${HEAD}Content-Transfer-Encoding:\n base64\n\n${Buffer.from(diff(SVM)).toString("base64")}`,
    true,
  ],
  [
    "utf-16",
    `${HEAD}Content-Type: text/plain; charset=utf-16le\n\n${Buffer.from(diff(SVM), "utf16le").toString("latin1")}`,
    true,
  ],
];

for (const [name, mail, expected] of CASES) {
  test(`first look: ${name}`, () => assert.equal(mayConcern(Buffer.from(mail, "latin1")), expected));
}

/** A small random generator, so that a failure can be run again. */
function random(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function quotedPrintable(text: string, below: (limit: number) => number): string {
  const pieces = [...text].map((char) => {
    const encoded = char === "=" || (char !== "\n" && below(4) === 0);
    const shown = encoded ? `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}` : char;
    return below(6) === 0 ? `${shown}=\n` : shown;
  });
  return pieces.join("");
}

function base64(text: string, below: (limit: number) => number): string {
  return Buffer.from(text).toString("base64").replace(new RegExp(`.{${4 + below(72)}}`, "g"), "$&\n"); // prettier-ignore
}

test("no encoding hides a diff", () => {
  const below = random(seed);
  for (let round = 0; round < 300; round++) {
    const text = diff(SVM);
    const [encoding, body] = [
      ["quoted-printable", quotedPrintable(text, below)],
      ["base64", base64(text, below)],
      ["8bit", text],
    ][below(3)] as [string, string];
    const part = `Content-type: Text/Plain\nCONTENT-TRANSFER-ENCODING: ${encoding}\n\n${body}`;
    const parted = `Content-Type: multipart/mixed;\n boundary="=-x"\n\n--=-x\n${part}\n--=-x--\n`;
    const mail = Buffer.from(`${HEAD}${below(2) === 0 ? part : parted}`);
    assert.equal(
      parseMessage(mail).patchText.includes(`+++ b/${SVM}`),
      true,
      `round ${round}: not a fair mail`,
    );
    assert.equal(mayConcern(mail), true, `round ${round}\n${mail.toString()}`);
  }
});

test(
  "no real mail that changes evaluated files gets a no",
  { skip: withoutMails, timeout: 600_000 },
  async () => {
    const step = process.env["AVICBOT_ALL_MAILS"] ? 1 : 12;
    let [changing, wrongly] = [0, 0];
    for (const box of ["kvm-cc", "bots", "odd"]) {
      let at = 0;
      for await (const { bytes } of readMessages(mailsPath(`${box}.mboxrd.gz`))) {
        if (at++ % step !== 0) continue;
        const { files, problems } = parseDiff(parseMessage(bytes).patchText);
        const changes = touchedPaths(files).some(isEvaluated);
        const concerns = mayConcern(bytes);
        if (changes) changing++;
        if (changes) assert.equal(concerns, true, `${box} ${at}`);
        else if (concerns && problems.length === 0) wrongly++;
      }
    }
    assert.ok(changing > 50, `only ${changing} mails change evaluated files`);
    assert.ok(wrongly < changing / 20, `${wrongly} mails get a yes for nothing, ${changing} rightly`);
  },
);
