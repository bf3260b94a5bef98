/** What the verbs of the service share: the settings, the connections, the signals that end it. */
import type { Command } from "commander";
import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import type { Service } from "../queue/service.ts";
import { CliError, EXIT } from "./exit.ts";

export interface ServiceOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export function addConfigOption(command: Command): Command {
  return command.option(
    "--config <file>",
    "file with the settings, as JSON; AVICBOT_... variables go before it",
  );
}

/** The settings; what is wrong with them ends the verb as a usage error. */
export async function readConfig(options: ServiceOptions): Promise<Config> {
  const { ConfigError, loadConfig } = await import("../config.ts");
  try {
    return loadConfig({ file: options.config });
  } catch (error) {
    if (error instanceof ConfigError) throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}

async function makeLogger(config: Config, level: string = config.log.level): Promise<Logger> {
  const { createLogger } = await import("../log.ts");
  return createLogger(level);
}

/** Opens store and queues for a verb that answers and ends; only warnings are logged. */
export async function withService<T>(
  options: ServiceOptions,
  use: (service: Service) => Promise<T>,
): Promise<T> {
  const config = await readConfig(options);
  const { openService } = await import("../queue/service.ts");
  const service = await openService(config, await makeLogger(config, "error"));
  try {
    return await use(service);
  } finally {
    await service.close();
  }
}

/** Runs until SIGTERM or SIGINT; a second signal ends the process at once. */
export async function runService(
  options: ServiceOptions,
  run: (service: Service, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const config = await readConfig(options);
  const log = await makeLogger(config);
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(EXIT.failed);
    log.info({ signal }, "stopping");
    stopping.abort();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  const { openService } = await import("../queue/service.ts");
  const service = await openService(config, log);
  try {
    await run(service, stopping.signal);
  } finally {
    // What else runs in this process ends with the part that failed.
    stopping.abort();
    await service.close();
    process.off("SIGTERM", stop).off("SIGINT", stop);
    log.info("stopped");
  }
}

export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
