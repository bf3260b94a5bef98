import { describeProgram } from "./describe.ts";
import type {
  ArgumentDescription,
  OptionDescription,
  ProgramDescription,
  Values,
  VerbDescription,
} from "./describe.ts";
import { EXIT } from "./exit.ts";
import { DESCRIPTION, ENVIRONMENT, EXAMPLES, EXIT_CODES, FILES } from "./texts.ts";
import type { ConfigureVerb } from "./verb.ts";

/** Text as roff takes it: no escape, no macro at the start of a line, hyphens that can be searched for. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("…", "...")
    .replace(/^(?=[.'])/gm, "\\&");
}

function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`;
}

/** Options bold, placeholders in italics: `--git <repo>`. */
function flags(text: string): string {
  return text
    .split(/(?=[<[])|(?<=[>\]])/)
    .map((part) => (/^[<[]/.test(part) ? `\\fI${roff(part.replace(/[<>]/g, ""))}\\fR` : bold(part)))
    .join("");
}

function item(term: string, text: string): string {
  return `.TP\n${term}\n${roff(text)}\n`;
}

function withChoices(text: string, values: Values | null): string {
  return values === null || values.words.length === 0 ? text : `${text}: ${values.words.join(", ")}`;
}

function option({ flags: shown, text, value, fallback }: OptionDescription): string {
  const all = withChoices(text, value);
  return item(flags(shown), fallback === null ? all : `${all} (default: ${fallback})`);
}

function argument({ usage, text, values }: ArgumentDescription): string {
  return item(flags(usage), withChoices(text, values));
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.:]$/.test(text) ? "" : "."}`;
}

function verb(name: string, { summary, options, args, notes, ...one }: VerbDescription): string {
  const usage = [bold(`${name} ${one.name}`), "[options]", ...args.map((arg) => flags(arg.usage))].join(" ");
  const own = options.filter(({ names }) => !names.includes("--help"));
  const text = notes.length === 0 ? "" : `.PP\n${notes.map(roff).join("\n.br\n")}\n`;
  return `.SS ${one.name}\n${usage}\n.PP\n${roff(sentence(summary))}\n${args.map(argument).join("")}${own.map(option).join("")}${text}`;
}

function example({ command, text }: { command: string; text: string }): string {
  return `${roff(text)}\n.PP\n.RS 4\n.nf\n${roff(command)}\n.fi\n.RE\n.PP\n`;
}

/** The manual page in section 1, for groff and mandoc. */
export function manualPage({ name, version, options, summary, verbs }: ProgramDescription): string {
  return `.\\" Made from the program's own description by \`${name} man\`.
.TH ${name.toUpperCase()} 1 "version ${version}" "" "User Commands"
.SH NAME
${name} \\- ${roff(summary.replace(/\.$/, "").replace(/^W/, "w"))}
.SH SYNOPSIS
${bold(name)} [options] \\fIcommand\\fR [argument ...]
.SH DESCRIPTION
${DESCRIPTION.map(roff).join("\n.PP\n")}
.SH OPTIONS
${options.map(option).join("")}.SH COMMANDS
${verbs.map((one) => verb(name, one)).join("")}.SH ENVIRONMENT
${ENVIRONMENT.map(({ name: variable, text }) => item(bold(variable), text)).join("")}.SH FILES
${FILES.map(({ name: file, text }) => item(`\\fI${roff(file)}\\fR`, text)).join("")}.SH EXIT STATUS
${EXIT_CODES.map(({ code, text }) => item(String(code), text)).join("")}.SH EXAMPLES
${EXAMPLES.map(example)
  .join("")
  .replace(/\.PP\n$/, "")}.SH SEE ALSO
.BR b4 (5),
.BR git\\-format\\-patch (1),
.BR public\\-inbox\\-overview (7)
`;
}

/** `avicbot man`: the manual page; the package brings it along as avicbot(1). */
export const configureMan: ConfigureVerb = (command, io, done) => {
  command.addHelpText("after", "\nTo read it: avicbot man | man -l -").action(() => {
    if (command.parent !== null) io.out(manualPage(describeProgram(command.parent)));
    done(EXIT.done);
  });
};
