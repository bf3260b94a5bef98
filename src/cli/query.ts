import type { Context } from "../queue/context.ts";
import type { Review } from "../review/types.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface QueryOptions extends ServiceOptions {
  readonly server?: string;
}

interface Found {
  readonly review: Review;
  readonly text: () => Promise<string>;
}

async function ask(url: URL): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(30_000), headers: { accept: "application/json" } });
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error && cause.message !== "" ? cause.message : message;
    throw new CliError(`${url.origin} does not answer: ${why}`);
  }
}

/** From another host's server; what it refuses is told in its words. */
async function queryServer(server: string, text: string): Promise<Found> {
  if (!/^https?:\/\/[^/]/i.test(server) || !URL.canParse(server))
    throw new CliError(`--server ${server}: give a URL such as https://avicbot.example.org`, EXIT.usage);
  const start = server.replace(/\/+$/, "");
  const id = encodeURIComponent(text);
  const answer = await ask(new URL(`${start}/api/v1/reviews/${id}`));
  const body = (await answer.json().catch(() => null)) as Review | { detail?: string } | null;
  if (!answer.ok || body === null || !("verdict" in body)) {
    const detail = body !== null && "detail" in body ? body.detail : undefined;
    throw new CliError(detail ?? `${start} answers ${answer.status} and is no avicbot`);
  }
  return { review: body, text: async () => (await ask(new URL(`${start}/r/${id}/txt`))).text() };
}

async function queryStore(context: Context, text: string): Promise<Found> {
  const { findAsked } = await import("../queue/asked.ts");
  const { stateOf } = await import("../store/series.ts");
  const asked = await findAsked(context.db, text, "operator");
  if (asked.kind !== "series")
    throw new CliError(`no series with ${text}: \`avicbot why\` says what became of it`);
  const { series, review } = asked;
  const state = stateOf(series);
  if (review === null) throw new CliError(`<${series.id}> has no review yet: it is ${state}`);
  return { review: review.review, text: () => describeReview(review.review, state) };
}

async function print({ review, text }: Found, options: QueryOptions, io: Io): Promise<ExitCode> {
  io.out(options.json ? `${JSON.stringify(review)}\n` : await text());
  return review.verdict === "undetermined" ? EXIT.undetermined : EXIT.done;
}

/** `avicbot query`: the stored review of a series, by any id of it, here or on another host. */
export const configureQuery: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .argument(
      "<message-id>",
      "id of the cover, a patch or the reply: <id>, id, percent-encoded, or a lore URL",
    )
    .option("--server <url>", "ask the avicbot at this address instead of the store")
    .option("--json", "print JSON")
    .action(async (text: string, options: QueryOptions) => {
      const { server } = options;
      if (server !== undefined) return done(await print(await queryServer(server, text), options, io));
      done(
        await withService(options, async ({ context }) =>
          print(await queryStore(context, text), options, io),
        ),
      );
    });
};

async function describeReview(review: Review, state: string): Promise<string> {
  const { renderVerdict } = await import("../reply/render.ts");
  const { series } = review;
  const author = `${series.author.name} <${series.author.address}>`;
  return `v${series.version} by ${author}, ${state}\n\n${renderVerdict(review, [])}`;
}
