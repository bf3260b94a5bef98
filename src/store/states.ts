/** The states of a series. */
const PROGRESS = [
  "collecting",
  "reviewing",
  "held",
  "sending",
  "replied",
  "unchanged",
  "undetermined",
  "failed",
] as const;
const CLOSED = ["superseded", "merged", "ignored"] as const;
export const SERIES_STATES = [...PROGRESS, ...CLOSED] as const;

/** Where the work on an open series stands. */
export type Progress = (typeof PROGRESS)[number];
/** Why nobody waits for it any more. */
export type ClosedState = (typeof CLOSED)[number];
export type SeriesState = Progress | ClosedState;
