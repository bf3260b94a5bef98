/** The mail server: cut, killed, refusing, with other UIDs, with files that vanish, and with mails that come again. */
import { readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { ImapFlow } from "imapflow";
import { imapOptions } from "../../../src/sources/imap-options.ts";
import { findDecision } from "../../../src/store/decisions.ts";
import { hashOf } from "../../../src/store/keys.ts";
import { readPlace } from "../../../src/store/positions.ts";
import type { Row } from "../row.ts";
import type { Scene } from "../scene.ts";
import { nameOf, sourceOf } from "../world.ts";
import { noise, plain, repeated, tokenOf } from "../traffic.ts";

const BLOCK = 4096;

/** The connection ends at the next 4 KiB of what the server says. */
async function cutAt(scene: Scene, pass: number): Promise<boolean> {
  const { imap } = scene.world.proxies;
  scene.post([plain(tokenOf(1)), noise(tokenOf(2)), plain(tokenOf(3), [2, 1, 0])]);
  imap.cutAfter(pass * BLOCK, "to the client");
  scene.start();
  await scene.until("a cut, or the end", async () => imap.cuts() > 0 || (await scene.isRight()));
  if (imap.cuts() > 0) scene.fault();
  return imap.cuts() > 0;
}

/** What a server says before it ends the connection. */
const WORDS: Readonly<Record<string, (line: string) => string>> = {
  BYE: () => "* BYE [UNAVAILABLE] Going down\r\n",
  "NO to the login": (tag) => `${tag} NO [AUTHENTICATIONFAILED] Not you\r\n`,
  "NO [UNAVAILABLE]": (tag) => `${tag} NO [UNAVAILABLE] Not now\r\n`,
};

/** A server that greets and answers every command so, stands in for the real one for a while. */
async function refusing(scene: Scene, kind: string): Promise<void> {
  const { imap } = scene.world.proxies;
  const word = WORDS[kind] ?? String;
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    if (kind === "BYE") return void socket.end(word(""));
    socket.write("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Ready\r\n");
    socket.on("data", (data) => socket.write(word(/^\S+/.exec(data.toString())?.[0] ?? "*")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  imap.redirect((server.address() as { port: number }).port);
  const begun = performance.now();
  scene.post([plain(tokenOf(1))]);
  const bot = scene.start();
  await scene.until("three attempts", () => connections >= 3);
  scene.fault();
  const seconds = (performance.now() - begun) / 1000;
  if (connections > seconds + 1) throw new Error(`${connections} attempts in ${seconds} s`);
  await bot.until(({ msg }) => msg === "source failed");
  imap.redirect(scene.world.dovecot.port);
  server.close();
  scene.lifted();
}

/** UIDs and UIDVALIDITY are others; what was answered is not answered again, and what comes then is. */
async function otherUids(scene: Scene, variant: string): Promise<void> {
  const { dovecot, folder } = scene.world;
  scene.post([plain(tokenOf(1)), noise(tokenOf(2))]);
  const bot = scene.start();
  await scene.untilRight();
  if (variant === "stopped") await bot.stop();
  const place = () => readPlace(scene.db, nameOf(sourceOf(scene.world.proxies.imap.port, folder())));
  const former = await place();
  await dovecot.kill();
  dovecot.forgetUids(folder());
  await dovecot.start();
  scene.fault();
  if (variant === "stopped") scene.start();
  const validity = former.position?.["uidValidity"];
  await scene.until("it reads again", async () => (await place()).position?.["uidValidity"] !== validity);
  scene.post([plain(tokenOf(3))]);
}

/** A file goes behind the server's back: a dead letter, and the others are read. */
async function vanish(scene: Scene): Promise<void> {
  const { dovecot, folder } = scene.world;
  const [words] = noise(tokenOf(1)).mails;
  const file = dovecot.deliver(words ?? "", folder());
  const imap = new ImapFlow(imapOptions({ url: dovecot.url }));
  await imap.connect();
  await imap.mailboxOpen(folder(), { readOnly: true });
  const name = file.split("/").at(-1) ?? "";
  const path = join(dovecot.maildir, `.${folder()}`);
  const found = readdirSync(path, { recursive: true, encoding: "utf8" }).find((one) => one.includes(name));
  rmSync(join(path, found ?? ""));
  scene.post([plain(tokenOf(2))]);
  scene.start();
  scene.fault();
  await scene.untilRight();
  imap.close();
}

/** The last patch comes again with other words: the first counts, and the trace says so. */
async function otherContent(scene: Scene): Promise<void> {
  const unit = plain(tokenOf(1));
  const last = unit.mails.at(-1) ?? "";
  scene.post([{ ...unit, mails: [...unit.mails, last.replace("What it does and why.", "Something else.")] }]);
  scene.start();
  scene.fault();
  await scene.untilRight();
}

async function isFlagged(scene: Scene): Promise<string[]> {
  const decision = await findDecision(scene.db, hashOf(scene.units[0]?.answers[0]?.to ?? ""));
  return decision?.steps.some(({ rule }) => rule === "same-id-other-content") === true
    ? []
    : ["nothing says that there was another mail with this id"];
}

async function killed(scene: Scene): Promise<void> {
  const { dovecot } = scene.world;
  scene.post([plain(tokenOf(1))]);
  const bot = scene.start();
  await bot.until(({ msg }) => msg === "reading");
  await dovecot.kill();
  scene.post([plain(tokenOf(2), [2, 1, 0])]);
  await dovecot.start();
  scene.fault();
}

export const IMAP_ROWS: readonly Row[] = [
  {
    id: "F25",
    what: "the IMAP connection is cut at a byte",
    variants: ["each 4 KiB"],
    everyPass: true,
    run: (scene, _, pass) => cutAt(scene, pass),
  },
  { id: "F25", what: "the IMAP server is killed", variants: ["while read"], run: killed },
  {
    id: "F26",
    what: "the IMAP connection goes silent",
    file: "test/sources/imap-black-hole.test.ts",
    title: "is noticed by the poll beside IDLE, and the next one goes on, nothing lost",
  },
  {
    id: "F27",
    what: "the IMAP server refuses",
    variants: Object.keys(WORDS),
    run: refusing,
  },
  {
    id: "F28",
    what: "UIDVALIDITY is another",
    variants: ["stopped", "idling"],
    short: ["idling"],
    run: otherUids,
  },
  { id: "F29", what: "a mail's file is gone behind the server's back", variants: ["unlinked"], run: vanish },
  {
    id: "F30",
    what: "the same mails come five times by other ways",
    variants: ["five times"],
    run: (scene) => {
      scene.post([repeated(plain(tokenOf(1), [2, 0, 1]), 4)]);
      scene.start();
      scene.fault();
      return Promise.resolve();
    },
  },
  {
    id: "F31",
    what: "another mail has the same Message-ID",
    variants: ["other words"],
    run: otherContent,
    check: isFlagged,
  },
];
