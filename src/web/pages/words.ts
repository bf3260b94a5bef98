/** How pages say times, ids and people. */
import { cleanLine } from "../../reply/clean.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A byte string as the text it most likely is, on one line. */
export function shownId(id: string, max = 200): string {
  return cleanLine(Buffer.from(id, "latin1").toString("utf8"), max);
}

/** `5 min`, `3 h`, `12 d`, `2 y`. */
export function ageOf(iso: string | null, now: number): string {
  const time = Date.parse(iso ?? "");
  if (Number.isNaN(time)) return "";
  const age = Math.max(0, now - time);
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} min`;
  if (age < 2 * DAY_MS) return `${Math.floor(age / HOUR_MS)} h`;
  if (age < 730 * DAY_MS) return `${Math.floor(age / DAY_MS)} d`;
  return `${Math.floor(age / (365 * DAY_MS))} y`;
}

/** `2026-01-05 10:00`, UTC. */
export function minuteOf(iso: string | null): string {
  const time = Date.parse(iso ?? "");
  return Number.isNaN(time) ? "" : new Date(time).toISOString().slice(0, 16).replace("T", " ");
}

export function dayOf(iso: string | null): string {
  return minuteOf(iso).slice(0, 10);
}

export function personOf({ name, address }: { name: string; address: string }): string {
  return cleanLine(name || address, 80);
}

/** The mail in the archive that everybody uses. */
export function loreLink(id: string): string {
  const encoded = encodeURIComponent(Buffer.from(id, "latin1").toString("utf8")).replaceAll("%40", "@");
  return `https://lore.kernel.org/all/${encoded}/`;
}
