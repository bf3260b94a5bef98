/** What a verb may touch of the process, so that tests can run verbs without one. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether stdout is a terminal that wants colours. */
  readonly colours: boolean;
  /** Whether progress may be drawn on stderr. */
  readonly progress: boolean;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

/** Colours follow the terminal, NO_COLOR (no-color.org) and FORCE_COLOR. */
function wantsColours(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"]) return env["FORCE_COLOR"] !== "0";
  return isTerminal && env["TERM"] !== "dumb";
}

/** The real process. A reader that closes the pipe early (`| head`) ends the process quietly. */
export function processIo(): Io {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    colours: wantsColours(process.env, process.stdout.isTTY === true),
    progress: process.stderr.isTTY === true,
    stdin: process.stdin,
  };
}
