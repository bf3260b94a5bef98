import type { Service } from "../queue/service.ts";
import { CliError, EXIT } from "./exit.ts";
import { addConfigOption, runService, untilAborted, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

/** Reads the sources until the signal. */
export async function runWatch(service: Service, signal: AbortSignal): Promise<void> {
  const { watch } = await import("../queue/service.ts");
  if (service.context.config.sources.length === 0) {
    throw new CliError("nothing to watch: the setting `sources` is empty", EXIT.usage);
  }
  await watch(service, signal);
  await untilAborted(signal);
}

/** `avicbot watch`: reads the sources; of several processes one reads each source. */
export const configureWatch: ConfigureVerb = (command, _io, done) => {
  addConfigOption(command).action(async (options: ServiceOptions) => {
    await runService(options, runWatch);
    done(EXIT.done);
  });
};
