/** What the steps of the service share: settings, store, queues, log. Made once a process. */
import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import type { Identity } from "../reply/policy/automatic.ts";
import type { Db } from "../store/record.ts";
import type { Queues } from "./queues.ts";

export interface Context {
  readonly config: Config;
  readonly db: Db;
  readonly queues: Queues;
  readonly log: Logger;
}

/** Who counts as avicbot itself or as another bot. */
export function identityOf(config: Config): Identity {
  return { own: ownAddresses(config).map((own) => own.toLowerCase()), bots: config.bots };
}

/** The addresses whose mail is avicbot's own. */
export function ownAddresses(config: Config): string[] {
  return config.mail.from === undefined ? [] : [config.mail.from];
}
