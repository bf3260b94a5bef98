// Types, lint, format and the direction of imports; each runs even when one before it fails.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const checks = [
  ["types", "tsc", ["-p", "tsconfig.json", "--incremental", "--tsBuildInfoFile", ".cache/check.tsbuildinfo"]],
  ["lint", "eslint", [".", "--cache", "--cache-location", ".cache/eslint"]],
  ["format", "prettier", ["--check", "--log-level=warn", "--cache", "--cache-location=.cache/prettier", "."]],
  ["rooms", "depcruise", ["src", "jobs"].filter(existsSync)],
];

const failed = checks.filter(([name, command, args]) => {
  const { status } = spawnSync("npx", ["--no-install", command, ...args], { stdio: "inherit" });
  console.log(`${status === 0 ? "ok  " : "FAIL"} ${name}`);
  return status !== 0;
});
process.exit(failed.length === 0 ? 0 : 1);
