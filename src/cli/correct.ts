import type { Correction } from "../queue/reply/correct.ts";
import type { Context } from "../queue/context.ts";
import type { SeriesRecord } from "../store/series.ts";
import { CliError, EXIT, type ExitCode } from "./exit.ts";
import type { Io } from "./io.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface CorrectOptions extends ServiceOptions {
  readonly all?: boolean;
}

/** `avicbot correct`: what today's model says other than the replies that went out. Nothing is sent. */
export const configureCorrect: ConfigureVerb = (command, io, done) => {
  addConfigOption(command)
    .argument(
      "[message-id...]",
      "id of the cover, a patch or the reply: <id>, id, percent-encoded, or a lore URL",
    )
    .option("--all", "every series that was answered")
    .option("--json", "print JSON, one series a line")
    .addHelpText("after", "\nA correction is held until `avicbot approve` lets it go out.")
    .action(async (texts: string[], options: CorrectOptions) => {
      if ((texts.length === 0) !== (options.all === true))
        throw new CliError("name one or more Message-IDs, or --all", EXIT.usage);
      const outcomes = await withService(options, ({ context }) => correctAll(context, texts, options, io));
      done(exitCode(outcomes));
    });
};

async function chosen(context: Context, texts: readonly string[]): Promise<SeriesRecord[]> {
  const { findSeriesByText } = await import("../store/lookup.ts");
  const { listAnswered } = await import("../queue/reply/correct.ts");
  if (texts.length === 0) return listAnswered(context);
  const found = await Promise.all(
    texts.map(async (text) => {
      const series = (await findSeriesByText(context.db, text))?.value;
      if (series === undefined)
        throw new CliError(`no series is known by ${text}: \`avicbot pending --state all\` lists them`);
      return series;
    }),
  );
  return [...new Map(found.map((series) => [series.key, series])).values()];
}

async function correctAll(
  context: Context,
  texts: readonly string[],
  options: CorrectOptions,
  io: Io,
): Promise<Correction[]> {
  const { correctSeries } = await import("../queue/reply/correct.ts");
  const { createRunner } = await import("../queue/runner.ts");
  const { limits } = context.config;
  const all = await chosen(context, texts);
  const runner = createRunner({ seconds: limits.reviewSeconds, megabytes: limits.reviewMegabytes });
  const corrections: Correction[] = [];
  try {
    for (const series of all) {
      const correction = await correctSeries(context, series, runner.review);
      corrections.push(correction);
      io.out(options.json ? `${JSON.stringify(publicView(correction))}\n` : describe(correction));
    }
  } finally {
    await runner.close();
  }
  return corrections;
}

function publicView({ record, ...correction }: Correction): object {
  return { ...correction, messageId: record?.messageId ?? null, state: record?.state ?? null };
}

function describe({ series, text, difference }: Correction): string {
  return `<${series}>: ${text}\n${difference}`;
}

function exitCode(corrections: readonly Correction[]): ExitCode {
  return corrections.some(({ outcome }) => outcome === "undetermined") ? EXIT.undetermined : EXIT.done;
}
