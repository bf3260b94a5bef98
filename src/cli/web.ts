import type { Service } from "../queue/service.ts";
import { EXIT } from "./exit.ts";
import { addConfigOption, runService, untilAborted, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

/** Serves pages, API, feed and events until the signal, then ends every request and stream. */
export async function runWeb(service: Service, signal: AbortSignal): Promise<void> {
  const { startWeb } = await import("../web/listen.ts");
  const server = await startWeb(service);
  await untilAborted(signal);
  await server.stop();
}

/** `avicbot web`: the dashboard, the reviews' pages, the API; any number of processes may. */
export const configureWeb: ConfigureVerb = (command, _io, done) => {
  addConfigOption(command).action(async (options: ServiceOptions) => {
    await runService(options, runWeb);
    done(EXIT.done);
  });
};
