import type { Io } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/program.ts";

/** Runs a verb in this process: for those that need a store of the test's own. */
export async function runVerb(
  args: readonly string[],
  stdin: Io["stdin"] = process.stdin,
): Promise<{ code: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    colours: false,
    progress: false,
    stdin,
  };
  const code = await runCli(args, io);
  return { code, out, err };
}
