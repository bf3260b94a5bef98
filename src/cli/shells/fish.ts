import type { OptionDescription, ProgramDescription, Values, VerbDescription } from "../describe.ts";

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}

/** What `complete` needs to offer the values; without `-F` fish offers no files. */
function offered(values: Values): string {
  const lists = [
    values.words.join(" "),
    values.directories && !values.files ? "(__fish_complete_directories)" : "",
    values.revisions ? "(__avicbot_revisions)" : "",
  ].filter((list) => list !== "");
  const words = lists.length === 0 ? "" : ` -a ${quoted(lists.join(" "))}`;
  return `${words}${values.files ? " -F" : ""}`;
}

function optionLine(condition: string, { names, text, value, optional }: OptionDescription): string {
  const flags = names.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const taken = value === null ? "" : `${optional ? "" : value.files ? " -r" : " -x"}${offered(value)}`;
  return `complete -c avicbot ${condition} ${flags.join(" ")}${taken} -d ${quoted(text)}`;
}

function verbLines({ name, summary, options, args }: VerbDescription): string[] {
  const inside = `-n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c avicbot -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...options.map((option) => optionLine(inside, option)),
    ...args.flatMap(({ values }) => {
      const list = offered(values);
      return list === "" ? [] : [`complete -c avicbot ${inside}${list}`];
    }),
  ];
}

/** A script for fish: as `avicbot.fish` in its `completions`, or sourced. */
export function fishCompletion({ options, verbs }: ProgramDescription): string {
  return `# fish completion for avicbot, made by \`avicbot completion fish\`
function __avicbot_revisions
    set -l words (commandline -opc)
    set -l at (contains -i -- --git $words)
    set -l repo .
    test -n "$at"; and set repo (string replace -r '^~/' "$HOME/" -- $words[(math $at + 1)])
    git -C $repo for-each-ref --format='%(refname:short)' 2>/dev/null
end
complete -c avicbot -f
${[...options.map((option) => optionLine("-n __fish_use_subcommand", option)), ...verbs.flatMap(verbLines)].join("\n")}
`;
}
