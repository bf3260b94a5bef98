import type { SeriesRecord } from "../store/series.ts";
import { EXIT } from "./exit.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface Pending {
  readonly messageId: string;
  readonly state: string;
  readonly verdict: string | null;
  readonly version: number;
  readonly title: string;
  readonly author: { readonly name: string; readonly address: string };
  readonly date: string | null;
  readonly parts: string;
  readonly reason: string | null;
}

function describe(series: SeriesRecord): Pending {
  const there = series.parts.filter((part) => part.index > 0).length;
  const current = series.reviewed?.inputs === series.inputs ? series.reviewed : null;
  return {
    messageId: series.id,
    state: series.progress,
    verdict: current?.verdict ?? null,
    version: series.version,
    title: series.title,
    author: series.author,
    date: series.date,
    parts: `${there}/${series.total}`,
    reason: series.reason,
  };
}

function row(one: Pending): string[] {
  const state =
    one.verdict === null || one.verdict === one.state ? one.state : `${one.state} (${one.verdict})`;
  const who = one.author.name || one.author.address;
  return [
    state,
    `v${one.version}`,
    one.parts,
    one.date?.slice(0, 10) ?? "",
    who,
    one.title,
    `<${one.messageId}>`,
  ];
}

/** `avicbot pending`: the series somebody waits for, newest first. */
export const configurePending: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .option("--json", "one series a line")
    .action(async (options: ServiceOptions) => {
      await withService(options, async ({ context }) => {
        const { listOpen } = await import("../store/series.ts");
        const { listDeadLetters } = await import("../store/dead-letters.ts");
        const { singleKey } = await import("../store/keys.ts");
        const pending = (await listOpen(context.db)).map(describe);
        if (options.json) return pending.forEach((one) => io.out(`${JSON.stringify(one)}\n`));
        const headings = ["State", "", "Parts", "Date", "Author", "Title", "Message-ID"];
        const { renderGrid } = await import("../reply/table.ts");
        if (pending.length > 0) io.out(renderGrid(headings, pending.map(row)));
        const dead = (await listDeadLetters(context.db)).length;
        const unplaced = await context.db.redis.zcard(singleKey("unplaced"));
        io.err(`${pending.length} pending, ${unplaced} unplaced, ${dead} dead letters\n`);
      });
      done(EXIT.done);
    });
};
