import { spawn } from "node:child_process";
import { packagePath } from "../../src/package-root.ts";

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** The built command: what npm installs as `avicbot`. */
export const BIN = packagePath("dist/avicbot.cjs");

/** Runs the built bin as its own process, stdin closed or fed. */
export async function avicbot(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "", FORCE_COLOR: "", ...options.env },
  });
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on("data", (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.stderr.push(chunk));
  child.stdin.on("error", () => {}); // the command may end before it has read everything
  child.stdin.end(options.input ?? "");
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const text = (name: "stdout" | "stderr") => Buffer.concat(chunks[name]).toString("utf8");
  return { code, stdout: text("stdout"), stderr: text("stderr") };
}
