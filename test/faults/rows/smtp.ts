/** The SMTP server: every class of answer at every step, silence, and connections that break around DATA. */
import { listReplies } from "../../../src/store/replies.ts";
import { freePort } from "../../sources/dovecot.ts";
import type { Fault, Refusal } from "../../support/smtp.ts";
import type { FaultRow } from "../row.ts";
import type { Scene } from "../scene.ts";
import { LKML, plain, tokenOf, type Unit } from "../traffic.ts";

const LATER: Refusal = [451, "4.3.0 Try again later"];
const NEVER: Refusal = [554, "5.7.1 Not wanted"];
const two = (): [Unit, Unit] => [plain(tokenOf(1), [2, 1, 0]), plain(tokenOf(2))];

const AT_STEP: Readonly<Record<string, (answer: Refusal) => Fault>> = {
  banner: (banner) => ({ banner }),
  MAIL: (mail) => ({ mail }),
  RCPT: (rcpt) => ({ rcpt }),
  DATA: (data) => ({ data }),
  "final dot": (final) => ({ final }),
};
const STEPS = Object.keys(AT_STEP);

function faultAt(step: string, answer: Refusal): Fault {
  return AT_STEP[step]?.(answer) ?? {};
}

/** The first connections meet these faults; the service goes on by itself. */
async function meet(scene: Scene, faults: readonly Fault[], units: readonly Unit[] = two()): Promise<void> {
  scene.world.smtp.faults.push(...faults);
  scene.post(units);
  scene.start();
  await scene.until("a connection", () => scene.world.smtp.faults.length === 0);
  scene.fault(faults.length);
}

/** The same refusal again and again, and a restart between two tries. */
async function laterThenKilled(scene: Scene, step: string): Promise<void> {
  const fault = faultAt(step, LATER);
  scene.world.smtp.faults.push(fault, fault, fault);
  scene.post(two());
  const bot = scene.start();
  await scene.until("two tries", () => scene.world.smtp.faults.length < 2);
  await bot.kill();
  scene.fault(3);
  scene.start();
}

/** A refusal for good: the series shows it, and the next one is answered. */
async function neverThenNext(scene: Scene, step: string): Promise<void> {
  const [first, second] = two();
  const answers = first.answers.map((one) => ({ ...one, must: false }));
  scene.settled.add("refused");
  await meet(
    scene,
    [faultAt(step, NEVER)],
    [{ ...first, answers, series: first.series.map(({ id }) => ({ id, states: ["failed"] })) }],
  );
  await scene.untilRight();
  scene.post([second]);
}

async function showsRefusal(scene: Scene): Promise<string[]> {
  const found = (await listReplies(scene.db)).filter(({ state }) => state === "refused");
  const shown = found.length === 1 && found[0]?.reason?.includes("Not wanted") === true;
  return shown ? [] : [`no refusal that says why: ${found.map(({ reason }) => reason).join()}`];
}

/** One of the recipients is refused: the others have the mail, and the record says who has not. */
async function oneRefused(scene: Scene): Promise<void> {
  scene.refused.add(LKML);
  await meet(scene, [{ rcpt: NEVER, rcptOf: LKML }], [plain(tokenOf(1))]);
}

async function showsRecipient(scene: Scene): Promise<string[]> {
  const [record] = await listReplies(scene.db);
  return record?.rejected.some(({ address }) => address === LKML) === true
    ? []
    : ["the record does not say who was refused"];
}

/** The service dies at the first byte of the mail, or when the server has it and has not said so. */
async function killedBy(scene: Scene, moment: "onData" | "onTaken"): Promise<void> {
  scene.post(two());
  const bot = scene.start();
  scene.world.smtp.faults.push({ [moment]: () => void bot.kill() });
  await bot.ended;
  scene.fault();
  scene.start();
}

const BLOCK = 512;

/** The connection ends at the next half KiB of what the client says: its commands, then the mail. */
async function cutInMail(scene: Scene, pass: number): Promise<boolean> {
  const { smtp } = scene.world.proxies;
  smtp.cutAfter(pass * BLOCK, "to the server");
  scene.post(two());
  scene.start();
  await scene.until("a cut, or the end", async () => smtp.cuts() > 0 || (await scene.isRight()));
  if (smtp.cuts() > 0) scene.fault();
  return smtp.cuts() > 0;
}

/** Nothing listens any more, for several tries of each mail. */
async function awayFor(scene: Scene): Promise<void> {
  const { smtp } = scene.world.proxies;
  smtp.redirect(await freePort());
  scene.post(two());
  scene.start();
  await scene.until("three tries of each", async () => {
    const replies = await listReplies(scene.db);
    return replies.length === 2 && replies.every(({ tries }) => tries >= 3);
  });
  scene.fault();
  smtp.reset();
}

/** Nothing comes through for a while; the mails that are waited for then go out in order. */
async function silentFor(scene: Scene, milliseconds: number): Promise<void> {
  const { smtp } = scene.world.proxies;
  smtp.swallow();
  scene.post(two());
  const bot = scene.start();
  await bot.until(({ msg, state }) => msg === "outbox" && state === "intent");
  scene.fault();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  smtp.reset();
  smtp.cut();
  scene.lifted();
}

/** Longer than between two looks, shorter than a mail is waited for. */
const LATE_MS = 1500;

async function neverTwice(scene: Scene): Promise<string[]> {
  const { length } = scene.world.smtp.taken;
  return Promise.resolve(length === scene.units.length ? [] : [`the server took ${length} mails`]);
}

const final = (fault: NonNullable<Fault["final"]>): Fault[] => [{ final: fault }];

export const SMTP_ROWS: readonly FaultRow[] = [
  {
    id: "F08",
    what: "in the middle of DATA",
    variants: ["killed", "closed"],
    short: ["killed"],
    run: (scene, variant) =>
      variant === "killed" ? killedBy(scene, "onData") : meet(scene, [{ inData: "close" }]),
  },
  {
    id: "F08",
    what: "the SMTP connection is cut at a byte",
    variants: ["each 512 bytes"],
    everyPass: true,
    run: (scene, _, pass) => cutInMail(scene, pass),
  },
  {
    id: "F09",
    what: "the server has the mail, and its word does not come",
    variants: ["closed", "silent", "killed", "twice"],
    short: ["closed", "killed"],
    run: (scene, variant) => {
      if (variant === "killed") return killedBy(scene, "onTaken");
      if (variant === "twice") return meet(scene, [...final("close"), ...final("close")]);
      return meet(scene, final(variant === "closed" ? "close" : "silence"));
    },
  },
  {
    id: "F09",
    what: "the server's word does not come, and the list shows the mail later: it is waited for",
    variants: ["closed", "silent"],
    run: (scene, variant) => {
      scene.world.delayEcho(LATE_MS);
      return meet(scene, final(variant === "closed" ? "close" : "silence"));
    },
    check: neverTwice,
  },
  {
    id: "F12",
    what: "the server's word comes later than it is waited for",
    variants: ["1 s later"],
    run: (scene) => meet(scene, [{ finalDelay: 1000 }]),
  },
  {
    id: "F13",
    what: "the server says later, again and again, and the service dies meanwhile",
    variants: STEPS,
    short: ["RCPT"],
    run: laterThenKilled,
  },
  {
    id: "F14",
    what: "the server says never",
    variants: STEPS,
    short: ["final dot"],
    run: neverThenNext,
    check: showsRefusal,
  },
  {
    id: "F14",
    what: "the server says never to one recipient",
    variants: ["RCPT of one"],
    run: oneRefused,
    check: showsRecipient,
  },
  {
    id: "F15",
    what: "the server takes the connection and says nothing",
    variants: ["banner", "all"],
    short: ["banner"],
    run: (scene, variant) =>
      variant === "banner" ? meet(scene, [{ banner: "silence" }]) : silentFor(scene, 3000),
  },
  {
    id: "F16",
    what: "the server is away, and the backlog goes out when it is back",
    variants: ["421 six times", "nobody listens"],
    short: ["nobody listens"],
    run: (scene, variant) =>
      variant === "nobody listens"
        ? awayFor(scene)
        : meet(
            scene,
            Array.from({ length: 6 }, () => ({ banner: [421, "4.3.2 Shutting down"] })),
          ),
  },
];
