#!/usr/bin/env node
/** Entry of the `avicbot` command. */
import nodeModule from "node:module";

// Node 22.8 and later keep compiled code between runs, which halves the start-up.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

const { runCli } = await import("./program.ts");
const { processIo } = await import("./io.ts");

const args = process.argv.slice(2);
process.exitCode = await runCli(args, processIo());
