// The command, the thread that reviews run in and the one that helps a scan, each with all its own modules in one
// file: Node spends more time on finding two hundred modules than on reading them. Types are checked by `npm run check`.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** What every command loads: in the bundle it starts from compiled code, too. */
const BUNDLED = ["commander", "eta", "parse-diff", "picocolors"];
const { dependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const external = Object.keys(dependencies).filter((name) => !BUNDLED.includes(name));

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: {
    main: "src/cli/main.ts",
    "review-thread": "src/queue/review-thread.ts",
    "look-thread": "src/queue/scan/look-thread.ts",
  },
  outdir: "dist",
  outExtension: { ".js": ".cjs" },
  bundle: true,
  external: external.flatMap((name) => [name, `${name}/*`]),
  format: "cjs",
  platform: "node",
  target: "node20",
  // a package that is asked for late by import() would have Node warn of the loader that a kept script needs for it
  supported: { "dynamic-import": false },
  define: { "import.meta.dirname": "__dirname", "import.meta.url": '"file:bundle"' },
  // asked for only when the thread runs from source
  logOverride: { "empty-import-meta": "silent" },
  logLevel: "warning",
});
copyFileSync("scripts/launcher.cjs", "dist/avicbot.cjs");
chmodSync("dist/avicbot.cjs", 0o755);
const warmUp = spawnSync(process.execPath, ["scripts/code-cache.cjs"], {
  stdio: ["ignore", "ignore", "pipe"],
});
const manual = spawnSync(process.execPath, ["dist/avicbot.cjs", "man"], { encoding: "utf8" });
writeFileSync("dist/avicbot.1", manual.stdout);
for (const { status, stderr } of [warmUp, manual]) {
  if (status === 0) continue;
  process.stderr.write(stderr);
  process.exitCode = 1;
}
