/** One thing that the service needs, and what to mend where it is not there. */
export interface Check {
  readonly ok: boolean;
  readonly what: string;
  readonly text: string;
}
