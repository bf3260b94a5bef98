/** Killed at a step: `kill -9` at every pass of every boundary, and SIGTERM at the same places. */
import type { KillPoint } from "../../../src/killpoint.ts";
import type { FaultRow, Row } from "../row.ts";
import type { Scene } from "../scene.ts";
import { noise, plain, repeated, tokenOf } from "../traffic.ts";

/** Half of it lies there when the service starts, half comes while it reads; starts again what died. */
async function killAt(scene: Scene, at: string, how: "SIGKILL" | 0 = "SIGKILL"): Promise<boolean> {
  scene.post([plain(tokenOf(1), [2, 0, 1]), noise(tokenOf(2))]);
  const bot = scene.start({ AVIC_KILL_AT: at });
  await bot.until(({ msg }) => msg === "reading").catch(() => undefined);
  scene.post([repeated(plain(tokenOf(3), [1, 2, 0]), 1)]);
  if (!(await scene.killed(bot, how))) return false;
  scene.start();
  return true;
}

function killRow(id: string, what: string, point: KillPoint): FaultRow {
  return {
    id,
    what: `killed ${what}`,
    variants: [point],
    everyPass: true,
    run: (scene, name, pass) => killAt(scene, `${name}:${pass}`),
  };
}

/** Its worker dies three times over the same job before it gets through. */
async function threeTimes(scene: Scene): Promise<void> {
  scene.post([plain(tokenOf(1))]);
  for (let times = 0; times < 3; times += 1) {
    if (!(await scene.killed(scene.start({ AVIC_KILL_AT: "evaluating:1" })))) return;
  }
  scene.start();
}

const KILLS: readonly FaultRow[] = [
  killRow("F01", "after the fetch, before the record", "fetched"),
  killRow("F02", "after the record, before the job", "seen"),
  killRow("F03", "after the job, before the position", "enqueued"),
  killRow("F03", "after the position", "positioned"),
  killRow("F04", "in the middle of a review", "evaluating"),
  {
    id: "F04",
    what: "killed three times in the middle of the same review",
    variants: ["three times"],
    run: threeTimes,
  },
  killRow("F05", "after the review, before it is stored", "analysed"),
  killRow("F05", "after the review is stored, before the mail is made", "reviewed"),
  killRow("F05", "after the mail is made, before its series knows", "composed"),
  killRow("F06", "before the connection", "intent"),
  killRow("F07", "after the mark, before DATA", "sending"),
  killRow("F10", "after the server's word, before it is noted", "accepted"),
  killRow("F11", "after it is noted, before its series knows", "acked"),
  killRow("F11", "after the echo is kept, before its series knows", "echoed"),
];

const POINTS = KILLS.filter(({ everyPass }) => everyPass).flatMap(({ variants }) => variants);

export const KILL_ROWS: readonly Row[] = [
  ...KILLS,
  {
    id: "F04",
    what: "a review that does not end",
    file: "test/jobs/series.test.ts",
    title: "a review that hangs is killed, fails visibly, and the next one runs",
  },
  {
    id: "F04",
    what: "a review whose thread dies",
    file: "test/jobs/series.test.ts",
    title: "a thread that dies takes no worker with it",
  },
  {
    id: "F39",
    what: "asked to end (SIGTERM) at a step",
    variants: POINTS,
    short: ["evaluating", "sending"],
    run: (scene, point) => killAt(scene, `${point}:1:SIGTERM`, 0),
  },
];
