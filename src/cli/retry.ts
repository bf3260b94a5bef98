import { userInfo } from "node:os";
import { CliError, EXIT } from "./exit.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

/** `avicbot retry`: reviews a series again, or takes a dead letter in again. */
export const configureRetry: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .argument("<message-id>", "id of a series or of a dead letter; `avicbot doctor` lists what failed")
    .action(async (text: string, options: ServiceOptions) => {
      await withService(options, async ({ context }) => {
        const { retry } = await import("../queue/retry.ts");
        const outcome = await retry(context, text, userInfo().username);
        if (outcome === null)
          throw new CliError(`nothing is known of ${text}: \`avicbot doctor\` lists what failed`);
        io.out(`${outcome.text}\n`);
      });
      done(EXIT.done);
    });
};
