import type { ProgramDescription, Values, VerbDescription } from "../describe.ts";

const HEAD = `# bash completion for avicbot, made by \`avicbot completion bash\`
_avicbot_words() { mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_avicbot_names() {
  compopt -o filenames 2>/dev/null
  mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen "$1" -- "$cur")
}
_avicbot_revisions() {
  local at repo=.
  for ((at = 2; at < \${#words[@]} - 1; at++)); do
    [[ \${words[at]} == --git ]] && repo=\${words[at + 1]}
  done
  _avicbot_words "$(git -C "\${repo/#\\~\\//$HOME/}" for-each-ref --format='%(refname:short)' 2>/dev/null)"
}
`;

function complete(values: Values): string {
  const parts = [
    values.words.length > 0 ? `_avicbot_words '${values.words.join(" ")}'` : "",
    values.files ? "_avicbot_names -f" : "",
    values.directories ? "_avicbot_names -d" : "",
    values.revisions ? "_avicbot_revisions" : "",
  ];
  return parts.filter((part) => part !== "").join("; ") || ":";
}

function valueCases({ name, options }: VerbDescription): string[] {
  return options.flatMap(({ names, value }) =>
    value === null
      ? []
      : [`    ${names.map((one) => `'${name} ${one}'`).join("|")}) ${complete(value)}; return ;;`],
  );
}

function argumentCases({ name, args }: VerbDescription): string[] {
  return args.map(
    ({ values, variadic }, at) => `    '${name} '${variadic ? "*" : at}) ${complete(values)} ;;`,
  );
}

function optionCase({ name, options }: VerbDescription): string {
  return `    ${name}) _avicbot_words '${options.flatMap(({ names }) => names).join(" ")}' ;;`;
}

function valued({ name, options }: VerbDescription): string[] {
  return options.flatMap(({ names, value, optional }) =>
    value === null || optional ? [] : names.map((one) => `'${name} ${one}'`),
  );
}

/** A script for bash 4 and later, to be sourced. */
export function bashCompletion({ options, verbs }: ProgramDescription): string {
  const first = [...verbs.map(({ name }) => name), ...options.flatMap(({ names }) => names)].join(" ");
  return `${HEAD}_avicbot() {
  # readline makes --git=x three words
  local at count=0 words=()
  for ((at = 0; at <= COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} != = ]]; then words+=("\${COMP_WORDS[at]}"); elif ((at == COMP_CWORD)); then words+=(""); fi
  done
  local last=$((\${#words[@]} - 1)) verb=\${words[1]}
  local cur=\${words[last]} prev=\${words[last - 1]}
  COMPREPLY=()
  if ((last == 1)); then
    _avicbot_words '${first}'
    return
  fi
  case "$verb $prev" in
${verbs.flatMap(valueCases).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case $verb in
${verbs.map(optionCase).join("\n")}
    esac
    return
  fi
  for ((at = 2; at < last; at++)); do
    case "$verb \${words[at]}" in
      ${verbs.flatMap(valued).join("|")}) ((at++)) ;;
      *' -'?*) ;;
      *) ((count++)) ;;
    esac
  done
  case "$verb $count" in
${verbs.flatMap(argumentCases).join("\n")}
  esac
}
complete -F _avicbot avicbot
`;
}
