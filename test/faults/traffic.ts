/** List traffic with its truth: what must be answered, in which words, and in which state each series ends. */
import type { SeriesState } from "../../src/store/states.ts";
import type { Random } from "../patch/random.ts";
import { idOf, RIGHT, versionMails, wideMails, WITHOUT_EOI } from "../reply/versions.ts";

export const LIST = "kvm@vger.kernel.org";
export const LKML = "linux-kernel@vger.kernel.org";
export const BOT = "avicbot@bots.example.net";

/** Names a text of the undisturbed run. */
export type BodyName = "first" | "second" | "second after first" | "wide";

export interface Answer {
  /** The mail that is answered. */
  readonly to: string;
  /** False: whether it was answered before its next version came depends on the moment. */
  readonly must: boolean;
  readonly bodies: readonly BodyName[];
}

/** One piece of work as its author sends it. */
export interface Unit {
  /** Stands in every id and address of it. */
  readonly token: string;
  readonly mails: readonly string[];
  readonly answers: readonly Answer[];
  readonly series: readonly { readonly id: string; readonly states: readonly SeriesState[] }[];
}

const JANE = "jane@example.com";
const templates = new Map<number, readonly string[]>();

/** Version 1 lacks a write that version 2 has: both are answered, the second against the first. */
function templateOf(version: 1 | 2): readonly string[] {
  const known = templates.get(version) ?? versionMails(version, version === 1 ? WITHOUT_EOI : RIGHT);
  templates.set(version, known);
  return known;
}

function named(text: string, token: string): string {
  return text.replaceAll(JANE, addressOf(token)).replaceAll("Jane Doe", `Jane ${token}`);
}

/** A text without what differs from unit to unit. */
export function withoutToken(text: string, token: string): string {
  return text.replaceAll(addressOf(token), JANE).replaceAll(`Jane ${token}`, "Jane Doe");
}

export function addressOf(token: string): string {
  return `jane-${token}@example.com`;
}

/** All tokens are of one length: lines wrap alike. */
export function tokenOf(number: number): string {
  return `u${String(number).padStart(5, "0")}`;
}

function idIn(token: string, version: number, index: number): string {
  return named(idOf(version, index), token);
}

function mailsOf(token: string, version: 1 | 2): string[] {
  return templateOf(version).map((mail) => named(mail, token));
}

/** Cover and two patches; the second one is answered. `order` tells how they arrive. */
export function plain(token: string, order: readonly number[] = [0, 1, 2], version: 1 | 2 = 1): Unit {
  const mails = mailsOf(token, version);
  return {
    token,
    mails: order.map((at) => mails[at] ?? ""),
    answers: [{ to: idIn(token, version, 2), must: true, bodies: [version === 1 ? "first" : "second"] }],
    series: [{ id: idIn(token, version, 0), states: ["replied"] }],
  };
}

/** A version and the next one, which says something else. */
export function chain(token: string): Unit {
  return {
    token,
    mails: [...mailsOf(token, 1), ...mailsOf(token, 2)],
    answers: [
      { to: idIn(token, 1, 2), must: false, bodies: ["first"] },
      { to: idIn(token, 2, 2), must: true, bodies: ["second", "second after first"] },
    ],
    series: [
      { id: idIn(token, 1, 0), states: ["superseded"] },
      { id: idIn(token, 2, 0), states: ["replied"] },
    ],
  };
}

/** A series of which one part never comes, within the time that parts are waited for. */
export function lacking(token: string): Unit {
  const [cover = "", , last = ""] = mailsOf(token, 1);
  return {
    token,
    mails: [last, cover],
    answers: [],
    series: [{ id: idIn(token, 1, 0), states: ["collecting"] }],
  };
}

/** Patches of a wide series; the last one is answered. */
const WIDTH = 32;
let wideTemplate: readonly string[] | null = null;

/** Cover and many patches. */
export function wide(token: string): Unit {
  wideTemplate ??= wideMails(WIDTH, WITHOUT_EOI);
  return {
    token,
    mails: wideTemplate.map((mail) => named(mail, token)),
    answers: [{ to: idIn(token, 1, WIDTH), must: true, bodies: ["wide"] }],
    series: [{ id: idIn(token, 1, 0), states: ["replied"] }],
  };
}

/** Each mail comes again by other ways: other trace headers, the same mail. */
export function repeated(unit: Unit, times: number): Unit {
  const copies = (mail: string) =>
    Array.from({ length: times }, (_, at) => `Received: from relay${at}.example.org; ${DATE}\n${mail}`);
  return { ...unit, mails: [...unit.mails, ...unit.mails.flatMap(copies)] };
}

const DATE = "Mon, 04 May 2026 10:00:00 +0000";

/** Words, a patch elsewhere, and a question: nothing that is answered. */
export function noise(token: string): Unit {
  const head = (kind: string, subject: string) =>
    `From: Pat <pat-${token}@example.org>\nTo: ${LIST}\nDate: ${DATE}\n` +
    `Message-ID: <${kind}-${token}@example.org>\nSubject: ${subject}\n\n`;
  const diff = "---\ndiff --git a/mm/a.c b/mm/a.c\n--- a/mm/a.c\n+++ b/mm/a.c\n@@ -1 +1 @@\n-a\n+b\n";
  return {
    token,
    mails: [
      `${head("words", "Re: KVM: SVM: AVIC")}Is 0x830 still intercepted with AVIC?\n`,
      `${head("patch", "[PATCH] mm: Say b")}Say b.\n${diff}`,
    ],
    answers: [],
    series: [],
  };
}

/** The mails of these units, mixed; those of one version keep no order, a second version comes after the first. */
export function mixed(units: readonly Unit[], random: Random): string[] {
  const rest = units.map(({ mails }) => [...mails]);
  const script: string[] = [];
  while (rest.some((mails) => mails.length > 0)) {
    const waiting = rest.filter((mails) => mails.length > 0);
    script.push(waiting[random(waiting.length)]?.shift() ?? "");
  }
  return script;
}
