import { Argument } from "commander";
import { describeProgram, type ProgramDescription } from "./describe.ts";
import { EXIT } from "./exit.ts";
import { bashCompletion } from "./shells/bash.ts";
import { fishCompletion } from "./shells/fish.ts";
import { zshCompletion } from "./shells/zsh.ts";
import type { ConfigureVerb } from "./verb.ts";

const SHELLS: Readonly<Record<string, (program: ProgramDescription) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

const HOW = `
To load it: bash: source <(avicbot completion bash), in ~/.bashrc;
zsh: source <(avicbot completion zsh), in ~/.zshrc behind compinit;
fish: avicbot completion fish > ~/.config/fish/completions/avicbot.fish`;

/** `avicbot completion`: the script that completes verbs, options and values in a shell. */
export const configureCompletion: ConfigureVerb = (command, io, done) => {
  command
    .addArgument(new Argument("<shell>", "whose script").choices(Object.keys(SHELLS)))
    .addHelpText("after", HOW)
    .action((shell: string) => {
      const program = command.parent;
      const script = SHELLS[shell];
      if (program !== null && script !== undefined) io.out(script(describeProgram(program)));
      done(EXIT.done);
    });
};
