/** Exit codes of every verb. */
export const EXIT = { done: 0, failed: 1, usage: 2, undetermined: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a verb: one line for stderr that names what to do, and the exit code. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
