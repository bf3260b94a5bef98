/** The settings as the outbox counts them. */
import type { Config } from "../../config.ts";
import type { OutboxSettings } from "../../reply/outbox/machine.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function outboxSettings({ outbox, smtp }: Config): OutboxSettings {
  return {
    // A try lasts at most five times the time limit of a step; only then is its sender surely gone.
    echoWaitMs: Math.max(outbox.echoWaitMinutes * MINUTE_MS, smtp.timeoutSeconds * 6000),
    lookEveryMs: Math.min(MINUTE_MS, outbox.echoWaitMinutes * MINUTE_MS),
    backoffMs: outbox.backoffSeconds * 1000,
    giveUpMs: outbox.giveUpHours * HOUR_MS,
    unknown: outbox.unknown,
  };
}
