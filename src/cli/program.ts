import { Command, CommanderError } from "commander";
import { readFileSync } from "node:fs";
import { packagePath } from "../package-root.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { EXAMPLES, EXIT_CODES } from "./texts.ts";
import { VERBS } from "./verbs.ts";

const EXIT_CODES_HELP = `\nExit codes: ${EXIT_CODES.map(({ code, text }) => `${code} ${text}`).join(", ")}.`;
const EXAMPLES_HELP = `\nExamples:\n${EXAMPLES.map(({ command }) => `  ${command}\n`).join("")}`;

function version(): string {
  const manifest = JSON.parse(readFileSync(packagePath("package.json"), "utf8")) as { version: string };
  return manifest.version;
}

/** One line, whatever the error's text holds. */
function oneLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join("; ");
}

/** A line of a list as a sentence. */
function sentence(line: string): string {
  return `${line.slice(0, 1).toUpperCase()}${line.slice(1)}.`;
}

function newCommand(command: Command, io: Io): Command {
  return command
    .helpOption("-h, --help", "show this help")
    .exitOverride()
    .showHelpAfterError(false)
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(`avicbot: ${oneLine(text.replace(/^error: /, ""))}\n`),
    });
}

/** The verb asked for, also in `help VERB`. */
function askedVerb(args: readonly string[]): string | undefined {
  const words = args.filter((arg) => !arg.startsWith("-"));
  return words[0] === "help" ? words[1] : words[0];
}

/** The program with the verb that is asked for configured; the verbs that describe it have all configured. */
export async function buildProgram(args: readonly string[], io: Io, done: (code: ExitCode) => void) {
  const program = newCommand(new Command("avicbot"), io)
    .description("What an AVIC patch changes for every x2APIC MSR access of a guest.")
    .version(version(), "-V, --version", "print the version")
    .commandsGroup("The shell:")
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText(
      "after",
      `${EXAMPLES_HELP}${EXIT_CODES_HELP}\nWithout a verb: reviews the sample series in demo/.`,
    );
  const asked = askedVerb(args);
  const whole = VERBS[asked ?? ""]?.describesAll === true;
  for (const [name, verb] of Object.entries(VERBS)) {
    const command = newCommand(program.command(name), io)
      .summary(verb.summary)
      .description(sentence(verb.summary))
      .helpGroup(verb.group);
    if (name !== asked && !whole) continue;
    const configure = await verb.load();
    configure(command.addHelpText("after", EXIT_CODES_HELP), io, done);
  }
  return program;
}

function reportFailure(error: unknown, io: Io): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const text = error instanceof Error ? error.message : String(error);
  io.err(`avicbot: ${oneLine(text)}\n`);
  if (process.env["AVICBOT_DEBUG"] && error instanceof Error) io.err(`${error.stack}\n`);
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}

/** Without a verb: the main job on what the package brings along. */
async function runSample(io: Io): Promise<ExitCode> {
  const { runReview } = await import("./review.ts");
  const { DEFAULT_PROFILE } = await import("../model/profiles.ts");
  io.err("avicbot: reviewing the sample series in demo/; `avicbot --help` lists the verbs\n");
  const options = { tree: packagePath("demo", "linux"), profile: DEFAULT_PROFILE };
  return runReview([packagePath("demo", "series.mbox")], options, io);
}

/** Runs one command line (without node and script) and returns the exit code; never throws. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  try {
    if (args.length === 0) return await runSample(io);
    const program = await buildProgram(args, io, (result) => (code = result));
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return reportFailure(error, io);
  }
}
