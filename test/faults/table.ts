/** Every row of the matrix, in its order. */
import type { Row } from "./row.ts";
import { IMAP_ROWS } from "./rows/imap.ts";
import { KILL_ROWS } from "./rows/kills.ts";
import { KERNEL_ROWS } from "./rows/kernel.ts";
import { MACHINE_ROWS } from "./rows/machine.ts";
import { REDIS_ROWS } from "./rows/redis.ts";
import { SERIES_ROWS } from "./rows/series.ts";
import { SMTP_ROWS } from "./rows/smtp.ts";

export const ROWS: readonly Row[] = [
  ...KILL_ROWS,
  ...SMTP_ROWS,
  ...REDIS_ROWS,
  ...IMAP_ROWS,
  ...SERIES_ROWS,
  ...MACHINE_ROWS,
  ...KERNEL_ROWS,
].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
