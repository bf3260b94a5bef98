import type { Service } from "../queue/service.ts";
import { EXIT } from "./exit.ts";
import { addConfigOption, runService, untilAborted, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

/** Works on the queues until the signal, then finishes or gives back what it holds. */
export async function runWork(service: Service, signal: AbortSignal): Promise<void> {
  const { work } = await import("../queue/service.ts");
  const working = await work(service);
  await untilAborted(signal);
  await working.stop();
}

/** `avicbot work`: reviews what is in the queue; any number of processes may. */
export const configureWork: ConfigureVerb = (command, _io, done) => {
  addConfigOption(command).action(async (options: ServiceOptions) => {
    await runService(options, runWork);
    done(EXIT.done);
  });
};
