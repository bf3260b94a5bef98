/** What is counted since the beginning, in the same step as what it counts. */
import { singleKey } from "./keys.ts";
import type { Db } from "./record.ts";
import type { Write } from "./transact.ts";

/** Upper bounds in seconds of the times that reviews take. */
export const REVIEW_SECONDS = [0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

function add(field: string, amount = 1): Write {
  return ["HINCRBY", singleKey("counts"), field, amount];
}

/** `rule`: the one that decided about the mail. */
export function countMail(rule: string): Write {
  return add(`mails ${rule}`);
}

/** `hidden`: only an operator may know of it. */
export function countReview({
  verdict,
  milliseconds,
  hidden,
}: {
  verdict: string;
  milliseconds: number;
  hidden: boolean;
}): Write[] {
  const kind = hidden ? "hidden-reviews" : "reviews";
  const bucket = REVIEW_SECONDS.find((bound) => milliseconds <= bound * 1000) ?? "inf";
  return [
    add(`${kind} ${verdict}`),
    add(`${kind}-ms ${verdict}`, Math.round(milliseconds)),
    add(`${kind}-le ${verdict} ${bucket}`),
  ];
}

export async function readCounts(db: Db): Promise<Map<string, number>> {
  const found = await db.redis.hgetall(singleKey("counts"));
  return new Map(Object.entries(found).map(([field, value]) => [field, Number(value)]));
}
