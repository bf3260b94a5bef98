/** Something about a mail that was accepted but is not as it should be. */
export interface Problem {
  /** Stable, for filters and tests, e.g. `unknown-charset`. */
  readonly code: string;
  /** One sentence for people. */
  readonly text: string;
}
