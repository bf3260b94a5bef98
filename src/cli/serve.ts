import { EXIT } from "./exit.ts";
import { addConfigOption, runService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";
import { runWatch } from "./watch.ts";
import { runWeb } from "./web.ts";
import { runWork } from "./work.ts";

/** `avicbot serve`: watch, work and web in one process. */
export const configureServe: ConfigureVerb = (command, _io, done) => {
  addConfigOption(command).action(async (options: ServiceOptions) => {
    await runService(options, async (service, signal) => {
      await Promise.all([runWatch(service, signal), runWork(service, signal), runWeb(service, signal)]);
    });
    done(EXIT.done);
  });
};
