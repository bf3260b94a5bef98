import type {
  ArgumentDescription,
  OptionDescription,
  ProgramDescription,
  Values,
  VerbDescription,
} from "../describe.ts";

/** Text inside the single-quoted specifications of _arguments. */
function quoted(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&").replaceAll("'", "'\\''");
}

function action(values: Values): string {
  if (values.words.length > 0) return `(${values.words.join(" ")})`;
  if (values.directories && values.revisions) return "_avicbot_trees";
  if (values.files) return "_files";
  if (values.directories) return "_directories";
  return values.revisions ? "_avicbot_revisions" : " ";
}

function optionSpec({ names, text, value, optional }: OptionDescription): string[] {
  const taken = value === null ? "" : `${optional ? "::" : ":"}value:${action(value)}`;
  return names.map((name) => {
    const equals = value !== null && name.startsWith("--") ? "=" : "";
    return `'${name}${equals}[${quoted(text)}]${taken}'`;
  });
}

function argumentSpec({ name, values, variadic }: ArgumentDescription, at: number): string {
  return `'${variadic ? "*" : at + 1}:${quoted(name)}:${action(values)}'`;
}

function verbCase({ name, options, args }: VerbDescription): string {
  const specs = [...options.flatMap(optionSpec), ...args.map(argumentSpec)];
  return `    ${name}) _arguments -s ${specs.join(" ")} ;;`;
}

/** A script for zsh: as `_avicbot` in a directory of `fpath`, or sourced. */
export function zshCompletion({ options, verbs }: ProgramDescription): string {
  const list = verbs.map(({ name, summary }) => `'${name}:${quoted(summary)}'`);
  return `#compdef avicbot
# zsh completion for avicbot, made by \`avicbot completion zsh\`
_avicbot_revisions() {
  local repo=\${opt_args[--git]:-.}
  compadd -- \${(f)"$(git -C \${~repo} for-each-ref --format='%(refname:short)' 2>/dev/null)"}
}
_avicbot_trees() { _alternative 'trees:directory:_directories' 'revisions:revision:_avicbot_revisions' }
_avicbot() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C ${options.flatMap(optionSpec).join(" ")} '1:verb:->verb' '*::argument:->rest'
  case $state in
  verb)
    local -a verbs=(
      ${list.join("\n      ")}
    )
    _describe verb verbs
    ;;
  rest)
    case $words[1] in
${verbs.map(verbCase).join("\n")}
    esac
    ;;
  esac
}
if [[ $funcstack[1] == _avicbot ]]; then _avicbot "$@"; else compdef _avicbot avicbot; fi
`;
}
