/** One thing that the service needs. */
export interface Check {
  readonly ok: boolean;
  readonly what: string;
  readonly text: string;
  /** What to do: about a failure, or where something works and is worth a look. */
  readonly mend?: string;
}

export function passed(what: string, text: string, mend?: string): Check {
  return { ok: true, what, text, ...(mend === undefined ? {} : { mend }) };
}

export function failed(what: string, text: string, mend: string): Check {
  return { ok: false, what, text, mend };
}
