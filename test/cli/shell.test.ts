import assert from "node:assert/strict";
import { test } from "node:test";
import { describeProgram } from "../../src/cli/describe.ts";
import { processIo } from "../../src/cli/io.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { avicbot } from "./run.ts";

test("--version prints the version of the package", async () => {
  const { code, stdout, stderr } = await avicbot(["--version"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("--help goes to stdout and names the exit codes", async () => {
  const { code, stdout, stderr } = await avicbot(["--help"]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^Usage: avicbot \[options\] \[command\]\n/);
  assert.match(stdout, /Exit codes: 0 done, 1 failed, 2 usage, 3 undetermined\./);
});

const usageErrors: [string, string[], RegExp][] = [
  ["an unknown verb", ["reviw"], /^avicbot: unknown command 'reviw'/],
  ["an unknown option", ["--frobnicate"], /^avicbot: unknown option '--frobnicate'/],
];
for (const [name, args, message] of usageErrors) {
  test(`${name} is one line on stderr and exit code 2`, async () => {
    const { code, stdout, stderr } = await avicbot(args);
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(stderr, message);
    assert.equal(stderr.indexOf("\n"), stderr.length - 1);
  });
}

test("help is one text: every line in the imperative, without capitals and full stops, in 80 columns", async () => {
  const { verbs } = describeProgram(await buildProgram(["man"], processIo(), () => undefined));
  for (const { name, summary, options, args } of verbs) {
    for (const line of [summary, ...options.map(({ text }) => text), ...args.map(({ text }) => text)]) {
      assert.match(line, /^(?:[a-z]|MSR |.eml|mbox|JSON|AVICBOT)/, `${name}: ${line}`);
      assert.doesNotMatch(line, /[.…]$|[^\x20-\x7e]/, `${name}: ${line}`);
    }
    const { stdout } = await avicbot([name, "--help"]);
    assert.match(stdout, /^Usage: avicbot /);
    assert.deepEqual(
      stdout.split("\n").filter((line) => line.length > 80),
      [],
      name,
    );
    if (options.some(({ names }) => names.includes("--json")))
      assert.match(options.find(({ names }) => names.includes("--json"))?.text ?? "", /^print JSON/, name);
  }
});
