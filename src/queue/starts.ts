/** Starts of a job since it last succeeded: a job whose worker dies each time must end, too. */
import { key } from "../store/keys.ts";
import type { Context } from "./context.ts";

type Needs = Pick<Context, "db" | "config">;

/** Longer than a job is ever tried. */
const KEPT_SECONDS = 7 * 86_400;

/** Counts one more; returns why the job is given up, null: it may run. The count survives the worker. */
export async function countStart({ db, config }: Needs, job: string): Promise<string | null> {
  const where = key("starts", job);
  const starts = await db.redis.incr(where);
  await db.redis.expire(where, KEPT_SECONDS);
  const limit = config.queue.crashes + config.queue.attempts;
  return starts <= limit ? null : `given up: its worker died or failed ${starts - 1} times`;
}

/** After a success, or a failure that is final. */
export async function forgetStarts({ db }: Pick<Context, "db">, job: string): Promise<void> {
  await db.redis.del(key("starts", job));
}
