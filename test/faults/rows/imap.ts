/** The mail server: cut, killed, refusing, with other UIDs, with files that vanish, and with mails that come again. */
import { readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
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
  "NO [ALERT]": (tag) => `* OK [ALERT] Back at noon\r\n${tag} NO [ALERT] Back at noon\r\n`,
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
  const [moment, next] = variant.split(", uidNext ");
  if (moment === "stopped") await bot.stop();
  const place = () => readPlace(scene.db, nameOf(sourceOf(scene.world.proxies.imap.port, folder())));
  const former = await place();
  await dovecot.kill();
  dovecot.forgetUids(folder());
  if (next === "smaller") rmSync(fileHolding(scene, `words-${tokenOf(2)}`));
  if (next === "larger") scene.deliver([...plain(tokenOf(1)).mails, ...noise(tokenOf(4)).mails]);
  await dovecot.start();
  scene.fault();
  if (moment === "stopped") scene.start();
  const validity = former.position?.["uidValidity"];
  await scene.until("it reads again", async () => (await place()).position?.["uidValidity"] !== validity);
  scene.post([plain(tokenOf(3))]);
}

/** Its file in the folder, whatever the server has named it since. */
function fileHolding({ world: { dovecot, folder } }: Scene, text: string): string {
  const path = join(dovecot.maildir, `.${folder()}`);
  const files = ["new", "cur"].flatMap((sub) =>
    readdirSync(join(path, sub)).map((name) => join(path, sub, name)),
  );
  return files.find((file) => readFileSync(file, "latin1").includes(text)) ?? "";
}

async function asAnotherClient(scene: Scene, act: (imap: ImapFlow) => Promise<unknown>): Promise<void> {
  const imap = new ImapFlow(imapOptions({ url: scene.world.dovecot.url }));
  await imap.connect();
  await imap.mailboxOpen(scene.world.folder());
  await act(imap);
  await imap.logout();
}

/** What happens to the first mail between the service's command to fetch and the server that hears it. */
const MEDDLING: Readonly<Record<string, (scene: Scene, id: string) => Promise<void> | void>> = {
  unlinked: (scene, id) => rmSync(fileHolding(scene, id)),
  emptied: (scene, id) => {
    scene.deadLetters.push("gives no bytes for uid");
    truncateSync(fileHolding(scene, id));
  },
  expunged: (scene, id) =>
    asAnotherClient(scene, (imap) => imap.messageDelete({ header: { "message-id": id } })),
  moved: async (scene, id) => {
    scene.world.dovecot.makeFolder("elsewhere");
    await asAnotherClient(scene, (imap) => imap.messageMove({ header: { "message-id": id } }, "elsewhere"));
  },
  flagged: (scene) => asAnotherClient(scene, (imap) => imap.messageFlagsAdd("1:*", ["\\Seen"])),
};

/** A mail that nobody waits for is gone or changed at the FETCH of it: the others are read. */
async function meddleAtFetch(scene: Scene, how: string): Promise<void> {
  const [words = ""] = noise(tokenOf(1)).mails;
  const id = /^Message-ID: (.*)$/m.exec(words)?.[1] ?? "";
  let meddled = false;
  scene.world.proxies.imap.before("BODY.PEEK[]", async () => {
    await MEDDLING[how]?.(scene, id);
    meddled = true;
  });
  scene.deliver([words]);
  scene.post([plain(tokenOf(2))]);
  scene.start();
  await scene.until("the fetch", () => meddled);
  scene.fault();
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

/** The same mails in a second folder, which is a source, too. */
async function inTwoFolders(scene: Scene): Promise<void> {
  const { dovecot, folder, proxies, readFolder } = scene.world;
  const second = `${folder()}-copy`;
  await readFolder(second);
  const port = proxies.imap.port;
  scene.configure({ sources: [sourceOf(port, folder()), sourceOf(port, second)] });
  const unit = plain(tokenOf(1), [2, 0, 1]);
  for (const mail of unit.mails) dovecot.deliver(`List-Id: <other.example.org>\n${mail}`, second);
  scene.post([unit]);
  scene.start();
  scene.fault();
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
    short: ["NO to the login"],
    run: refusing,
  },
  {
    id: "F28",
    what: "UIDVALIDITY is another",
    variants: ["stopped", "idling"].flatMap((moment) =>
      ["smaller", "the same", "larger"].map((next) => `${moment}, uidNext ${next}`),
    ),
    short: ["idling, uidNext the same"],
    run: otherUids,
  },
  {
    id: "F29",
    what: "another client or nobody's hand takes a mail away while it is fetched",
    variants: Object.keys(MEDDLING),
    short: ["emptied"],
    run: meddleAtFetch,
  },
  {
    id: "F30",
    what: "the same mails come again by other ways",
    variants: ["five times", "in two folders"],
    run: (scene, variant) => {
      if (variant === "in two folders") return inTwoFolders(scene);
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
