/** Input that wants to hang, crash or escape: every one gets a verdict and the documented exit code. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { packagePath } from "../../src/package-root.ts";
import type { Review } from "../../src/review/types.ts";
import { avicbot } from "../cli/run.ts";
import { bytesOf, makeMails } from "./git-mails.ts";

const TREE = packagePath("demo", "linux");
const AVIC = "arch/x86/kvm/svm/avic.c";
const CALL = "if (intercept == svm->x2avic_msrs_intercepted)";
const dir = mkdtempSync(join(tmpdir(), "avicbot-hostile-"));
after(() => rmSync(dir, { recursive: true }));

const before = readFileSync(join(TREE, AVIC), "latin1");

/** A patch of avic.c by git. */
function patchOf(change: (text: string) => string): string {
  const files = new Map([[AVIC, change(before)]]);
  return makeMails(new Map([[AVIC, before]]), [{ subject: "KVM: SVM: Tidy", files }])[0] ?? "";
}

function mail(body: string): string {
  return `Message-ID: <x@example.com>\nFrom: Eve <eve@example.com>\nDate: Mon, 4 May 2026 10:00:00 +0000\nSubject: [PATCH] KVM: SVM: x\n\n${body}`;
}

function diffOf(path: string, hunks: string): string {
  return mail(`diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n${hunks}`);
}

function manyHunks(): string {
  const hunks = Array.from(
    { length: 10_000 },
    (_, at) => `@@ -${at * 3 + 1} +${at * 3 + 1} @@\n-a${at}\n+b${at}\n`,
  );
  return diffOf(AVIC, hunks.join(""));
}

/** Doubles thirty times: a billion tokens once expanded. */
function macroBomb(): string {
  const levels = Array.from({ length: 30 }, (_, at) => `#define B${at + 1}(x) B${at}(x) + B${at}(x)\n`).join(
    "",
  );
  return patchOf((text) => {
    const bombed = text.replace(
      "static bool x2avic_enabled;",
      `static bool x2avic_enabled;\n#define B0(x) x\n${levels}`,
    );
    return bombed.replace(CALL, `if (B30(1) && intercept == svm->x2avic_msrs_intercepted)`);
  });
}

/** Code of a megabyte within the function that decides. */
function longBody(code: string): string {
  return patchOf((text) => text.replace(CALL, `${code}\n\n\t${CALL}`));
}

const cases: [string, string, Review["verdict"], RegExp][] = [
  ["ten thousand hunks", manyHunks(), "undetermined", /hunk 1/],
  [
    "a body of 5 MB before the diff",
    mail(
      `${"All work and no play.\n".repeat(240_000)}${patchOf((text) => `${text}\n`)
        .split("---\n")
        .slice(1)
        .join("---\n")}`,
    ),
    "unchanged",
    /^$/,
  ],
  ["a macro bomb", macroBomb(), "undetermined", /limit|too (?:many|large|big)|tokens/i],
  [
    "an endless loop",
    patchOf((text) => text.replace(CALL, `for (;;)\n\t\ti++;\n\n\t${CALL}`)),
    "undetermined",
    /avic\.c:\d+: /,
  ],
  [
    "endless recursion",
    patchOf((text) => text.replace(CALL, `avic_set_x2apic_msr_interception(svm, intercept);\n\n\t${CALL}`)),
    "undetermined",
    /avic\.c/,
  ],
  [
    "half a megabyte of parentheses",
    longBody(`i = ${"(".repeat(250_000)}1${")".repeat(250_000)};`),
    "undetermined",
    /bytes/,
  ],
  ["half a megabyte of statements", longBody("i++;".repeat(125_000)), "undetermined", /bytes/],
  ["half a megabyte of blocks", longBody("{".repeat(250_000) + "}".repeat(250_000)), "undetermined", /bytes/],
  [
    "nesting just below the longest declaration",
    longBody("{".repeat(140_000) + "}".repeat(140_000)),
    "undetermined",
    /nest|deep/,
  ],
  [
    "a sum just below the longest declaration",
    longBody(`i = 1${"+1".repeat(140_000)};`),
    "undetermined",
    /operands/,
  ],
  [
    "a file of two megabytes",
    longBody(`/* ${"x".repeat(2_000_000)} */`),
    "undetermined",
    /longer than 1000000 bytes/,
  ],
  [
    "a table without end",
    patchOf((text) =>
      text
        .replace(
          "static bool x2avic_enabled;",
          "static bool x2avic_enabled;\nstatic int huge[] = { [0 ... 0x7ffffffe] = 1 };",
        )
        .replace(CALL, `if (huge[5] && intercept == svm->x2avic_msrs_intercepted)`),
    ),
    "undetermined",
    /more than 16777216 bytes/,
  ],
  [
    "sixty thousand nested #if",
    patchOf((text) => `${"#if 1\n".repeat(60_000)}${text}${"#endif\n".repeat(60_000)}`),
    "undetermined",
    /nested too deep/,
  ],
  [
    "a path that climbs out",
    diffOf("../../../tmp/avicbot-pwn", "@@ -0,0 +1 @@\n+x\n"),
    "undetermined",
    /not inside the tree/,
  ],
  [
    "an absolute path",
    mail("--- /etc/passwd\n+++ /etc/passwd\n@@ -1 +1 @@\n-root\n+toor\n"),
    "undetermined",
    /./,
  ],
  [
    "an include of a file of the host",
    patchOf((text) => `#include "/etc/passwd"\n${text}`),
    "unchanged",
    /^$/,
  ],
];
for (const [at, [name, text, verdict, reason]] of cases.entries()) {
  test(`${name}: ${verdict}`, async () => {
    const path = join(dir, `${at}.eml`);
    writeFileSync(path, bytesOf(text));
    // V8 ends a process whose heap grows beyond this: what a hostile mail may cost is bounded
    const env = { NODE_OPTIONS: "--max-old-space-size=200" };
    const { code, stdout, stderr } = await avicbot(["review", path, "--tree", TREE, "--json"], { env });
    assert.equal(stderr, "");
    const review = JSON.parse(stdout) as Review;
    assert.equal(review.verdict, verdict, review.reason ?? "");
    assert.match(review.reason ?? "", reason);
    assert.equal(code, verdict === "undetermined" ? 3 : 0);
    assert.equal(existsSync("/tmp/avicbot-pwn"), false);
  });
}
