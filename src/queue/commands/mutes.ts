/** `mute` and `unmute` by mail: for everyone, unless the sender's own domain says that the mail is forged. */
import type { MuteCommand } from "../../reply/commands/parse.ts";
import { findMute, findThreadMute, mute, unmute, type MuteTarget } from "../../store/mutes.ts";
import { threadNamesOf, threadRoot } from "../reply/threads.ts";
import { findPlace, type Acting, type Outcome } from "./acting.ts";

export async function muteByMail(acting: Acting, command: MuteCommand): Promise<Outcome> {
  const forged = await forgery(acting);
  if (forged !== null) return { verb: command.verb, done: false, text: forged, refused: true };
  return command.verb === "mute" ? muteWhat(acting, command.what) : unmuteWhat(acting, command.what);
}

/** Why the mail is not its sender's; null: nothing says so. A maintainer's mail is signed or it is not his. */
async function forgery({ context, from, authority }: Acting): Promise<string | null> {
  const found = await authority();
  if (found.verified) return null;
  const claims = context.config.maintainers.some((address) => address.toLowerCase() === from);
  return found.forged || claims ? notProven(from, found.reason) : null;
}

export function notProven(from: string, reason: string): string {
  return `this mail does not prove that ${from} sent it: ${reason}`;
}

async function muteWhat({ context, message, from }: Acting, what: "thread" | "me"): Promise<Outcome> {
  const { db } = context;
  if (what === "me") {
    await mute(db, { kind: "person", name: from }, from);
    return { verb: "mute", done: true, text: `series of ${from} get no mail from avicbot any more` };
  }
  const [name] = await threadNames(context.db, message);
  if (name === undefined) return { verb: "mute", done: false, text: "this mail stands in no thread" };
  await mute(db, { kind: "thread", name }, from);
  return { verb: "mute", done: true, text: "avicbot sends no mail into this thread any more" };
}

async function unmuteWhat(acting: Acting, what: "thread" | "me" | "all"): Promise<Outcome> {
  const lifted = [
    ...(what === "thread" ? [] : await liftPerson(acting)),
    ...(what === "me" ? [] : await liftThread(acting, what === "all")),
  ];
  const text = lifted.length === 0 ? "nothing that you may lift is muted" : lifted.join("; ");
  return { verb: "unmute", done: lifted.length > 0, text };
}

async function liftPerson({ context: { db }, from }: Acting): Promise<string[]> {
  const target: MuteTarget = { kind: "person", name: from };
  if ((await findMute(db, target)) === null) return [];
  await unmute(db, target);
  return [`series of ${from} may get mail from avicbot again`];
}

/** Lifted by whom muted it, or by a maintainer. */
async function liftThread({ context, message, from, authority }: Acting, own: boolean): Promise<string[]> {
  const { db, config } = context;
  const names = await threadNames(db, message);
  const found = await findThreadMute(db, names);
  if (found === null) return [];
  const maintains = config.maintainers.some((address) => address.toLowerCase() === from);
  const may = found.by === from || (!own && maintains && (await authority()).verified);
  if (!may) return [];
  for (const name of names) await unmute(db, { kind: "thread", name });
  return ["avicbot may send mail into this thread again"];
}

/** Of the series there, else as the mail itself names its thread. */
async function threadNames(db: Acting["context"]["db"], message: Acting["message"]): Promise<string[]> {
  const place = await findPlace(db, message, null);
  if (place !== null) return threadNamesOf(db, place.series);
  const root = threadRoot(message);
  return root === null ? [] : [...new Set([root, ...message.references])];
}
