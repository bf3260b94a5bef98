import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { VERBS } from "../../src/cli/verbs.ts";
import { packagePath } from "../../src/package-root.ts";
import { avicbot } from "./run.ts";

const PAGE = packagePath("dist/avicbot.1");
const has = (command: string) => spawnSync(command, ["--version"]).error === undefined;

test("the manual page that is installed is the program's, with every verb", async () => {
  const { code, stdout } = await avicbot(["man"]);
  assert.equal(code, 0);
  assert.equal(readFileSync(PAGE, "utf8"), stdout);
  const { man } = JSON.parse(readFileSync(packagePath("package.json"), "utf8")) as { man: string[] };
  assert.equal(packagePath(man[0] ?? ""), PAGE);
  assert.deepEqual(
    [...stdout.matchAll(/^\.SS (.*)$/gm)].map(([, verb]) => verb),
    Object.keys(VERBS),
  );
  assert.match(stdout, /\\fB\\-\\-profile \\fR\\fIname\\fR\nhardware profile: zen4, apm \(default: zen4\)/);
});

test("groff has nothing to warn of", { skip: !has("groff") && "no groff" }, () => {
  const { status, stderr, stdout } = spawnSync("groff", ["-ww", "-man", "-Tascii", PAGE], {
    encoding: "utf8",
  });
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /git format-patch --stdout origin\/master\.\. \| avicbot review -/);
});

test(
  "mandoc has nothing to warn of but the date that is a version",
  { skip: !has("mandoc") && "no mandoc" },
  () => {
    const { stdout } = spawnSync("mandoc", ["-T", "lint", "-W", "warning", PAGE], { encoding: "utf8" });
    assert.match(stdout, /^mandoc: [^\n]*cannot parse date, using it verbatim[^\n]*\n$/);
  },
);
