import type { Review } from "../review/types.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

/** `avicbot query`: the stored review of a series, by any id of it. */
export const configureQuery: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .argument("<message-id>", "of the cover or any part: <id>, id, percent-encoded, or a lore URL")
    .option("--json", "the review as JSON")
    .action(async (text: string, options: ServiceOptions) => {
      const code = await withService(options, async ({ context }): Promise<ExitCode> => {
        const { findSeriesByText } = await import("../store/lookup.ts");
        const { findReview } = await import("../store/reviews.ts");
        const { stateOf } = await import("../store/series.ts");
        const found = await findSeriesByText(context.db, text);
        if (found === null)
          throw new CliError(`no series with ${text}: \`avicbot why\` says what became of it`);
        const series = found.value;
        const stored = await findReview(context.db, series.key);
        const state = stateOf(series);
        if (stored === null) throw new CliError(`<${series.id}> has no review yet: it is ${state}`);
        if (options.json) io.out(`${JSON.stringify(stored.review)}\n`);
        else io.out(await describeReview(stored.review, state));
        return stored.review.verdict === "undetermined" ? EXIT.undetermined : EXIT.done;
      });
      done(code);
    });
};

async function describeReview(review: Review, state: string): Promise<string> {
  const { renderVerdict } = await import("../reply/render.ts");
  const { series } = review;
  const author = `${series.author.name} <${series.author.address}>`;
  return `v${series.version} by ${author}, ${state}\n\n${renderVerdict(review, [])}`;
}
