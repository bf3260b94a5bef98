import type { Command } from "commander";
import type { ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";

/** What the file of a verb exports: adds arguments, options and help to the command and sets its action. */
export type ConfigureVerb = (command: Command, io: Io, done: (code: ExitCode) => void) => void;

export interface Verb {
  /** Heading under which help lists it. */
  readonly group: string;
  /** In the imperative, as it stands in the list. */
  readonly summary: string;
  /** Needs every verb configured, because it describes the program. */
  readonly describesAll?: true;
  readonly load: () => Promise<ConfigureVerb>;
}
