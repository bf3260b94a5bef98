/** Series: parts out of order, late and never, versions that meet, and several services at once. */
import { createTransport } from "nodemailer";
import { seededRandom, shuffled } from "../../patch/random.ts";
import { noLmtp } from "../../sources/dovecot.ts";
import { findSeriesByText } from "../../../src/store/lookup.ts";
import { stateOf } from "../../../src/store/series.ts";
import type { Row } from "../row.ts";
import type { Scene } from "../scene.ts";
import { chain, lacking, plain, tokenOf, wide } from "../traffic.ts";

const ORDERS: Readonly<Record<string, readonly number[]>> = {
  "cover last": [1, 2, 0],
  reversed: [2, 1, 0],
  "last part first": [2, 0, 1],
};

/** One part comes when the service was killed and started again. */
async function latePart(scene: Scene): Promise<void> {
  const unit = plain(tokenOf(1));
  const [cover = "", first = "", last = ""] = unit.mails;
  scene.deliver([last, cover]);
  const bot = scene.start();
  const id = unit.series[0]?.id ?? "";
  await scene.until("it waits for the part", async () => {
    const found = await findSeriesByText(scene.db, id);
    return found !== null && stateOf(found.value) === "collecting";
  });
  await bot.kill();
  scene.start();
  scene.fault();
  scene.post([unit], [first]);
}

/** What is there is reviewed, and nothing is mailed of it by itself. */
async function missingPart(scene: Scene): Promise<void> {
  const unit = lacking(tokenOf(1));
  scene.post([
    { ...unit, series: unit.series.map(({ id }) => ({ id, states: ["undetermined"] as const })) },
    plain(tokenOf(2)),
  ]);
  scene.start();
  scene.fault();
  await scene.untilRight();
}

/** The second version comes while the first one is at that step. */
async function meeting(scene: Scene, moment: string): Promise<void> {
  const unit = chain(tokenOf(1));
  const half = unit.mails.length / 2;
  const post = () => scene.post([unit], unit.mails.slice(half));
  scene.deliver(unit.mails.slice(0, half));
  if (moment === "in DATA") scene.world.smtp.faults.push({ onData: post });
  if (moment === "taken") scene.world.smtp.faults.push({ onTaken: post });
  const bot = scene.start();
  if (moment === "read") await bot.until(({ msg }) => msg === "reading").then(post);
  if (moment === "reviewed") await bot.until(({ msg }) => msg?.startsWith("stored") === true).then(post);
  await scene.until(`the moment: ${moment}`, () => scene.units.length > 0);
  scene.fault();
}

/** Two services; the one that dies at a step is not started again. */
async function twoServices(scene: Scene, point: string): Promise<void> {
  const dying = scene.start({ AVIC_KILL_AT: `${point}:1` });
  await dying.until(({ msg }) => msg === "working").catch(() => undefined);
  scene.post([plain(tokenOf(1)), plain(tokenOf(2), [2, 1, 0])]);
  scene.start();
  await scene.killed(dying);
}

const SESSIONS = 8;
/** Wide series at a time, and how often. */
const WIDE = 5;
const WIDE_TIMES = 40;

/** Their parts come in any order by as many LMTP sessions at a time. */
async function atOnce(scene: Scene, pass: number): Promise<boolean> {
  if (pass > WIDE_TIMES) return false;
  const { dovecot, folder } = scene.world;
  const units = Array.from({ length: WIDE }, (_, at) => wide(tokenOf(pass * WIDE + at)));
  const random = seededRandom(pass);
  const parts = shuffled(
    units.flatMap(({ mails }) => mails),
    random,
  );
  scene.post(units, []);
  scene.start();
  const address = `reader+${folder()}@example.org`;
  const sessions = createTransport({
    host: "127.0.0.1",
    port: dovecot.lmtpPort,
    lmtp: true,
    pool: true,
    maxConnections: SESSIONS,
    maxMessages: Infinity,
    ignoreTLS: true,
  });
  const envelope = { from: "pat@example.org", to: address };
  await Promise.all(parts.map((raw) => sessions.sendMail({ envelope, raw: Buffer.from(raw, "latin1") })));
  sessions.close();
  scene.fault();
  return true;
}

export const SERIES_ROWS: readonly Row[] = [
  {
    id: "F32",
    what: "parts come in another order",
    variants: Object.keys(ORDERS),
    run: (scene, variant) => {
      scene.post([plain(tokenOf(1), ORDERS[variant]), plain(tokenOf(2))]);
      scene.start();
      scene.fault();
      return Promise.resolve();
    },
  },
  { id: "F32", what: "a part comes late, after a kill", variants: ["late"], run: latePart },
  {
    id: "F32",
    what: "a part never comes: nothing is mailed of what is there",
    variants: ["never"],
    settings: () => ({ limits: { partWaitMinutes: 0.02, replyWithinDays: 100_000 } }),
    run: missingPart,
  },
  {
    id: "F33",
    what: "all parts at once, from several sources",
    file: "test/jobs/series.test.ts",
    title: "all parts at once from several sources join into one series",
  },
  {
    id: "F33",
    what: "series of 32 parts come by 8 LMTP sessions at once",
    skip: noLmtp,
    variants: ["five at a time"],
    everyPass: true,
    run: (scene, _, pass) => atOnce(scene, pass),
  },
  {
    id: "F34",
    what: "the next version comes while one is at work",
    variants: ["read", "reviewed", "in DATA", "taken"],
    short: ["in DATA"],
    run: meeting,
  },
  {
    id: "F35",
    what: "two services on one folder, of which one dies and stays away",
    variants: ["fetched", "evaluating", "composed", "sending", "accepted"],
    short: ["evaluating"],
    run: twoServices,
  },
  {
    id: "F35",
    what: "two watchers and two workers, of which one each dies",
    file: "test/service/failover.test.ts",
    title: "one of each is killed at work: the others take over, every series is reviewed once",
  },
];
