/** What a scan has to find in a corpus, and whether it did. */
import { readFileSync } from "node:fs";
import type { MailTruth, SeriesTruth } from "./corpus.ts";

interface Reviewed {
  readonly series: {
    readonly messageId: string;
    readonly version: number;
    readonly patches: readonly { readonly messageId: string | null }[];
    readonly missing: readonly number[];
  };
}

function line(
  id: string,
  version: number,
  patches: readonly (string | null)[],
  missing: readonly number[],
): string {
  return `${id} v${version}: ${patches.join(" ")}${missing.length > 0 ? ` without ${missing.join(" ")}` : ""}`;
}

/** The series that concern AVIC, a line each, sorted. */
export function readTruth(path: string): string[] {
  const facts = readFileSync(path, "utf8").trim().split("\n");
  return facts
    .map((one) => JSON.parse(one) as MailTruth | SeriesTruth)
    .filter((fact): fact is SeriesTruth => fact.what === "series")
    .map(({ id, version, patches, missing }) => line(id, version, patches, missing))
    .sort();
}

/** Null if the output of `scan --json` names exactly those series; else what differs first. */
export function sameSeries(output: string, expected: readonly string[]): string | null {
  const found = output
    .split("\n")
    .filter((text) => text.startsWith("{"))
    .map((text) => (JSON.parse(text) as Reviewed).series)
    .map(({ messageId, version, patches, missing }) =>
      line(
        messageId,
        version,
        patches.map((patch) => patch.messageId),
        missing,
      ),
    )
    .sort();
  const missed = expected.filter((one) => !found.includes(one));
  const invented = found.filter((one) => !expected.includes(one));
  if (missed.length + invented.length + Math.abs(found.length - expected.length) === 0) return null;
  return `${missed.length} series not found, ${invented.length} that are not there: ${[...missed, ...invented][0] ?? "one twice"}`;
}
