// Types, lint, format, the direction of imports, code that nobody uses, licences: all at once, each to its end.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

const npx = (command, ...args) => ["npx", "--no-install", command, ...args];
const checks = [
  [
    "types",
    npx("tsc", "-p", "tsconfig.json", "--incremental", "--tsBuildInfoFile", ".cache/check.tsbuildinfo"),
  ],
  ["lint", npx("eslint", ".", "--cache", "--cache-location", ".cache/eslint")],
  [
    "format",
    npx("prettier", "--check", "--log-level=warn", "--cache", "--cache-location=.cache/prettier", "."),
  ],
  ["rooms", npx("depcruise", ...["src", "jobs"].filter(existsSync))],
  ["dead code", npx("knip", "--no-progress")],
  ["licences", [process.execPath, "scripts/licences.mjs"]],
];

/** Runs one; what it says is shown in one piece. */
function run([name, [command, ...args]]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    child.on("close", (status) => {
      console.log(`${status === 0 ? "ok  " : "FAIL"} ${name}${status === 0 ? "" : `\n${said}`}`);
      resolve(status === 0);
    });
  });
}

const results = await Promise.all(checks.map(run));
process.exit(results.every(Boolean) ? 0 : 1);
