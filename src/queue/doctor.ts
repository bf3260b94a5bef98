/** Checks of what the service needs, each with what to mend. */
import type { Config } from "../config.ts";
import type { Check } from "./check.ts";
import { checkDataDir, checkNode, checkSettings, checkWeb } from "./doctor-host.ts";
import { checkKernel } from "./doctor-kernel.ts";
import { checkMail } from "./doctor-mail.ts";
import { checkRedis } from "./doctor-redis.ts";
import { checkSources } from "./doctor-sources.ts";

/** Looks at everything and changes nothing. `now` is this machine's clock in ms. */
export async function checkService(config: Config, now: () => number = Date.now): Promise<Check[]> {
  const dataDir = checkDataDir(config);
  return [
    checkNode(),
    ...checkSettings(config),
    dataDir,
    ...(dataDir.ok ? await checkRedis(config, now) : []),
    ...(await checkSources(config)),
    ...(await checkKernel(config, now)),
    ...(await checkMail(config)),
    await checkWeb(config),
  ];
}
