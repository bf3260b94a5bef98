/** The whole story of a message: its own decisions and those of its series. */
import { findDecisions, type Step } from "../store/decisions.ts";
import { messageKeysMeant, findSeriesByText } from "../store/lookup.ts";
import { readRecords, type Db } from "../store/record.ts";
import { key } from "../store/keys.ts";
import type { DeadLetter } from "../store/dead-letters.ts";
import { stateOf } from "../store/series.ts";

export interface Trace {
  readonly messageId: string | null;
  readonly lists: readonly string[];
  readonly sources: readonly string[];
  readonly steps: readonly Step[];
  readonly series: {
    readonly id: string;
    readonly version: number;
    readonly state: string;
    readonly closed: string | null;
    readonly steps: readonly Step[];
  } | null;
}

/** Null for a message never seen, or forgotten. */
export async function findTrace(db: Db, text: string): Promise<Trace | null> {
  const names = messageKeysMeant(text);
  const [decision] = await findDecisions(db, names);
  const found = await findSeriesByText(db, text);
  const dead = await readRecords<DeadLetter>(
    db,
    names.map((name) => key("dead-letter", name)),
  );
  const buried = dead.map(buriedStep);
  if (decision === undefined && found === null && buried.length === 0) return null;
  const series = found?.value ?? null;
  return {
    messageId: decision?.messageId ?? dead[0]?.messageId ?? series?.id ?? null,
    lists: decision?.lists ?? [],
    sources: decision?.sources ?? [],
    steps: [...(decision?.steps ?? []), ...buried],
    series:
      series === null
        ? null
        : {
            id: series.id,
            version: series.version,
            state: stateOf(series),
            closed: series.closed?.reason ?? null,
            steps: series.steps,
          },
  };
}

function buriedStep(letter: DeadLetter): Step {
  const text = `${letter.reason}; \`avicbot retry\` takes it in again`;
  return { at: letter.at, stage: "seen", rule: "dead-letter", outcome: "stopped", text };
}
