import type { ListedSeries, SeriesList } from "../store/describe.ts";
import type { ListQuery } from "../store/listing.ts";
import type { Db } from "../store/record.ts";
import { CliError, EXIT } from "./exit.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface PendingOptions extends ServiceOptions {
  readonly state: string;
  readonly verdict?: string;
  readonly author?: string;
  readonly list?: string;
  readonly text?: string;
  readonly sort: string;
  readonly reverse?: boolean;
  readonly limit: string;
}

function choice<T extends string>(what: string, given: string, choices: readonly T[]): T {
  const found = choices.find((one) => one === given);
  if (found !== undefined) return found;
  throw new CliError(`no ${what} '${given}': there are ${choices.join(", ")}`, EXIT.usage);
}

async function queryOf(options: PendingOptions): Promise<ListQuery> {
  const { LISTED_STATES, ORDERS } = await import("../store/listing.ts");
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new CliError(`--limit ${options.limit}: give a number from 1 to 10000`, EXIT.usage);
  const { verdict, author, list, text } = options;
  return {
    state: choice("state", options.state, LISTED_STATES),
    order: choice("order", options.sort, ORDERS),
    ...{ verdict, author, list, text, limit },
    ascending: options.reverse === true,
    audience: "operator",
  };
}

function row(one: ListedSeries): string[] {
  const state =
    one.verdict === null || one.verdict === one.state ? one.state : `${one.state} (${one.verdict})`;
  return [
    one.worstFinding === "critical" ? `${state} CRITICAL` : state,
    `v${one.version}`,
    `${one.parts.received}/${one.parts.total}`,
    one.date?.slice(0, 10) ?? "",
    one.author.name || one.author.address,
    one.title,
    `<${one.messageId}>`,
  ];
}

async function tally(db: Db, list: SeriesList, state: string): Promise<string> {
  const { listDeadLetters } = await import("../store/dead-letters.ts");
  const { singleKey } = await import("../store/keys.ts");
  const dead = (await listDeadLetters(db)).length;
  const unplaced = await db.redis.zcard(singleKey("unplaced"));
  const shown = list.next === null ? "" : `, the first ${list.series.length} shown`;
  return `${list.total} ${state}${shown}, ${unplaced} unplaced, ${dead} dead letters\n`;
}

/** `avicbot pending`: the dashboard's list on the terminal. */
export const configurePending: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .option("--state <state>", "pending, closed, all, or one state such as held", "pending")
    .option("--verdict <verdict>", "changed, unchanged, undetermined or not-applicable")
    .option("--author <author>", "address, name, or a word of either")
    .option("--list <list>", "list id or address")
    .option("--text <words>", "words of titles and authors")
    .option("--sort <order>", "date, activity, author or changes", "date")
    .option("--reverse", "ascending instead of descending")
    .option("--limit <n>", "how many at most, up to 10000", "1000")
    .option("--json", "print JSON, one series a line")
    .action(async (options: PendingOptions) => {
      const query = await queryOf(options);
      await withService(options, async ({ context: { db } }) => {
        const { listDescribed } = await import("../store/describe.ts");
        const list = await listDescribed(db, query);
        if (options.json) return list.series.forEach((one) => io.out(`${JSON.stringify(one)}\n`));
        const headings = ["State", "", "Parts", "Date", "Author", "Title", "Message-ID"];
        const { renderGrid } = await import("../reply/table.ts");
        if (list.series.length > 0) io.out(renderGrid(headings, list.series.map(row)));
        io.err(await tally(db, list, query.state));
      });
      done(EXIT.done);
    });
};
