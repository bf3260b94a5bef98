/** Every row of the matrix, in its order. */
import type { Row } from "./row.ts";
import { KILL_ROWS } from "./rows/kills.ts";
import { REDIS_ROWS } from "./rows/redis.ts";
import { SMTP_ROWS } from "./rows/smtp.ts";

export const ROWS: readonly Row[] = [...KILL_ROWS, ...SMTP_ROWS, ...REDIS_ROWS].sort((a, b) =>
  a.id < b.id ? -1 : a.id > b.id ? 1 : 0,
);
