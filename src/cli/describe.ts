/** The command line as data, read from the program itself: for completions and the manual page. */
import type { Argument, Command, Option } from "commander";
import type { EventEmitter } from "node:events";

/** What may stand in the place of a value. */
export interface Values {
  readonly words: readonly string[];
  readonly files: boolean;
  readonly directories: boolean;
  /** Revisions of the repository that `--git` names, else of the current directory. */
  readonly revisions: boolean;
}

export interface OptionDescription {
  /** `-h`, `--help`: short before long. */
  readonly names: readonly string[];
  /** As help shows them: `--git <repo>`. */
  readonly flags: string;
  readonly text: string;
  /** null: takes no value. */
  readonly value: Values | null;
  /** Its value may be left out. */
  readonly optional: boolean;
  readonly fallback: string | null;
}

export interface ArgumentDescription {
  readonly name: string;
  /** As help shows it: `[files...]`. */
  readonly usage: string;
  readonly text: string;
  readonly values: Values;
  readonly variadic: boolean;
}

export interface VerbDescription {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly options: readonly OptionDescription[];
  readonly args: readonly ArgumentDescription[];
  /** What help says behind the options, exit codes excepted. */
  readonly notes: readonly string[];
}

export interface ProgramDescription {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly options: readonly OptionDescription[];
  readonly verbs: readonly VerbDescription[];
}

/** The placeholder's words tell what it stands for: `<old-dir|rev>` is a directory or a revision. */
function valuesOf(placeholder: string, choices: readonly string[] | undefined): Values {
  const words = placeholder.toLowerCase().split(/[^a-z]+/);
  const names = (...wanted: string[]) => wanted.some((word) => words.includes(word));
  return {
    words: choices ?? [],
    files: names("file", "files", "path"),
    directories: names("dir", "repo"),
    revisions: names("rev", "revision"),
  };
}

function describeOption(option: Option): OptionDescription {
  const placeholder = /[<[](?<name>[^>\]]+)[>\]]/.exec(option.flags)?.groups?.["name"];
  const { defaultValue, defaultValueDescription } = option as {
    defaultValue?: unknown;
    defaultValueDescription?: string;
  };
  return {
    names: [option.short, option.long].flatMap((name) => name ?? []),
    flags: option.flags,
    text: option.description,
    value: placeholder === undefined ? null : valuesOf(placeholder, option.argChoices),
    optional: option.optional,
    fallback: defaultValueDescription ?? (typeof defaultValue === "string" ? defaultValue : null),
  };
}

function describeArgument(argument: Argument): ArgumentDescription {
  const name = argument.name();
  const inner = `${name}${argument.variadic ? "..." : ""}`;
  return {
    name,
    usage: argument.required ? `<${inner}>` : `[${inner}]`,
    text: argument.description,
    values: valuesOf(name, argument.argChoices),
    variadic: argument.variadic,
  };
}

/** What was given to addHelpText: commander keeps it as listeners of this event alone. */
function notesOf(command: Command): string[] {
  let text = "";
  (command as unknown as EventEmitter).emit("afterHelp", {
    error: false,
    command,
    write: (part: string) => (text += part),
  });
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("Exit codes:"));
}

function optionsOf(command: Command): OptionDescription[] {
  return command.createHelp().visibleOptions(command).map(describeOption);
}

function describeVerb(command: Command): VerbDescription {
  return {
    name: command.name(),
    summary: command.summary(),
    usage: command.usage(),
    options: optionsOf(command),
    args: command.registeredArguments.map(describeArgument),
    notes: notesOf(command),
  };
}

/** Describes a program whose verbs are all configured. */
export function describeProgram(program: Command): ProgramDescription {
  return {
    name: program.name(),
    version: program.version() ?? "",
    summary: program.description(),
    options: optionsOf(program),
    verbs: program.commands.map(describeVerb),
  };
}
