import { Option } from "commander";
import type { KernelSource } from "../kernel/source.ts";
import { assembleSeries } from "../mail/series.ts";
import type { Series } from "../mail/series.ts";
import { createEvaluator } from "../review/evaluate.ts";
import { reviewSeries } from "../review/review.ts";
import type { ReviewOptions } from "../review/review.ts";
import type { Review } from "../review/types.ts";
import { CliError, EXIT } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { readMails } from "./input.ts";
import type { Io } from "./io.ts";
import { addKernelOptions, openKernel } from "./kernel.ts";
import type { KernelOptions } from "./kernel.ts";
import { profileOption } from "./options.ts";
import type { Profile } from "../model/profile.ts";
import { createProgress } from "./progress.ts";
import { FORMATS, reviewPrinter } from "./review-output.ts";
import type { Format } from "./review-output.ts";
import type { ConfigureVerb } from "./verb.ts";

export interface ReviewVerbOptions extends KernelOptions {
  readonly base?: string;
  readonly profile: Profile;
  readonly format?: Format;
  readonly json?: boolean;
  readonly from?: string;
}

function chosenFormat({ format, json }: ReviewVerbOptions): Format {
  return json === true ? "json" : (format ?? "text");
}

/** The series in the mails; none at all ends the verb, with the reason for the first mail that looks like one. */
export function seriesIn(messages: Parameters<typeof assembleSeries>[0]): readonly Series[] {
  const { series, unplaced } = assembleSeries(messages);
  if (series.length > 0) return series;
  const why = unplaced[0] === undefined ? "" : `: ${unplaced[0].reason}`;
  throw new CliError(`no patch in the ${messages.length === 1 ? "mail" : `${messages.length} mails`}${why}`);
}

function exitCode(reviews: readonly Review[]): ExitCode {
  return reviews.some(({ verdict }) => verdict === "undetermined") ? EXIT.undetermined : EXIT.done;
}

function reviewOptions({ base, git, profile }: ReviewVerbOptions): ReviewOptions {
  if (base !== undefined && git === undefined) throw new CliError("--base needs --git REPO", EXIT.usage);
  const shared = { profile, evaluate: createEvaluator() };
  return base === undefined ? shared : { ...shared, base };
}

async function reviewAll(
  all: readonly Series[],
  source: KernelSource | null,
  options: ReviewVerbOptions,
  io: Io,
) {
  const print = await reviewPrinter(chosenFormat(options), {
    io,
    hasSource: source !== null,
    from: options.from,
  });
  const settings = reviewOptions(options);
  const progress = createProgress(io, all.length);
  const reviews: Review[] = [];
  for (const series of all) {
    progress.next(series.title);
    const review = await reviewSeries(series, source, settings);
    progress.clear();
    print(review, series);
    reviews.push(review);
  }
  return reviews;
}

/** Reads the mails and prints the review of each series in them; resolves to the exit code. */
export async function runReview(
  files: readonly string[],
  options: ReviewVerbOptions,
  io: Io,
): Promise<ExitCode> {
  const series = seriesIn(await readMails(files, io));
  const source = await openKernel(options);
  try {
    return exitCode(await reviewAll(series, source, options, io));
  } finally {
    await source?.close();
  }
}

/** `avicbot review`: the main job. */
export const configureReview: ConfigureVerb = (command, io, done) => {
  addKernelOptions(
    command.argument("[files...]", "mbox, .eml or .patch, gzipped or not; - or nothing is stdin"),
  )
    .option("--base <revision>", "with --git: revision the series applies to, instead of finding it")
    .addOption(profileOption())
    .addOption(new Option("--format <name>", "form of the output").choices(FORMATS).default("text"))
    .option("--json", "print JSON, one review a line: --format json")
    .option("--from <address>", "sender, with --format mail")
    .action(async (files: string[], options: ReviewVerbOptions) => done(await runReview(files, options, io)));
};
