#!/usr/bin/env node
/** Entry of the `avicbot` command. */
import nodeModule from "node:module";
import v8 from "node:v8";

// Node 22.8 and later keep compiled code between runs, which halves the start-up.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const args = process.argv.slice(2);
startQuickly(args);

const { runCli } = await import("./program.ts");
const { processIo } = await import("./io.ts");

process.exitCode = await runCli(args, processIo());

/**
 * A verb that ends within a second is through before the code that V8 optimises for it is ready: optimising later
 * saves a quarter of the time. The others run for long and keep V8's own measure, as does every V8 but Node 20's,
 * which has other tiers.
 */
function startQuickly([verb = ""]: readonly string[]): void {
  const runsLong = ["serve", "watch", "work", "web", "scan", "demo"].includes(verb);
  if (!runsLong && process.versions.v8.startsWith("11.")) v8.setFlagsFromString("--interrupt-budget=400000");
}
