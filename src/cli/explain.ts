import { Argument } from "commander";
import { existsSync } from "node:fs";
import { traceActivation } from "../interception/trace.ts";
import { withTree } from "../kernel/tree.ts";
import { renderExplanation } from "../reply/explain.ts";
import { renderVerdict } from "../reply/render.ts";
import { renderTrace } from "../reply/trace.ts";
import { createEvaluator } from "../review/evaluate.ts";
import { explainAccess } from "../review/explain.ts";
import { gatherGrounds } from "../review/grounds.ts";
import type { Grounds } from "../review/grounds.ts";
import { studySeries, type Study } from "../review/review.ts";
import type { Review } from "../review/types.ts";
import { ACCESSES, X2APIC_MSR_FIRST, X2APIC_MSR_LAST } from "../x2apic.ts";
import type { Access } from "../x2apic.ts";
import { CliError, EXIT } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { readMails } from "./input.ts";
import type { Io } from "./io.ts";
import { addKernelOptions, openKernel } from "./kernel.ts";
import type { KernelOptions } from "./kernel.ts";
import { profileOption } from "./options.ts";
import type { Profile } from "../model/profile.ts";
import { seriesIn } from "./review.ts";
import { addConfigOption, withService, type ServiceOptions } from "./service-options.ts";
import type { ConfigureVerb } from "./verb.ts";

interface ExplainOptions extends KernelOptions, ServiceOptions {
  readonly trace?: boolean;
  readonly base?: string;
  readonly profile: Profile;
  readonly json?: boolean;
}

function msrArgument(text: string): number {
  const msr = /^(?:0x)?[0-9a-f]{3}$/i.test(text) ? Number.parseInt(text.replace(/^0x/i, ""), 16) : Number.NaN;
  if (msr >= X2APIC_MSR_FIRST && msr <= X2APIC_MSR_LAST) return msr;
  throw new CliError(`'${text}' is no MSR of 0x800..0x8FF, such as 0x830`, EXIT.usage);
}

interface Asked {
  readonly msr: number;
  readonly access: Access;
}

interface Reviewed {
  readonly review: Review;
  readonly grounds: Grounds | null;
}

function print({ review, grounds }: Reviewed, asked: Asked, options: ExplainOptions, io: Io): ExitCode {
  const { profile } = options;
  const explanation = grounds === null ? null : explainAccess({ review, grounds, profile, way: null }, asked);
  if (explanation === null) {
    io.err(renderVerdict(review));
    return review.verdict === "undetermined" ? EXIT.undetermined : EXIT.done;
  }
  io.out(options.json ? `${JSON.stringify(explanation)}\n` : renderExplanation(explanation));
  return EXIT.done;
}

/** How the evaluation came to the asked bit, before and after. */
async function printTraces(study: Study, asked: Asked, io: Io): Promise<void> {
  for (const [title, side] of [["Current", study.old] as const, ["New", study.new] as const]) {
    const trace = side === null ? null : await withTree(side.tree, traceActivation);
    if (trace !== null) io.out(`\n${renderTrace(title, trace, asked)}`);
  }
}

/** Reviews the mails of a file, and explains from that. */
async function explainFile(file: string, asked: Asked, options: ExplainOptions, io: Io): Promise<ExitCode> {
  const all = seriesIn(await readMails([file], io));
  const source = await openKernel(options);
  if (source === null) throw new CliError("no kernel; give --tree DIR or --git REPO", EXIT.usage);
  try {
    const settings = { profile: options.profile, evaluate: createEvaluator() };
    const codes: ExitCode[] = [];
    for (const series of all) {
      const given = options.base === undefined ? settings : { ...settings, base: options.base };
      const study = await studySeries(series, source, given);
      codes.push(print({ review: study.review, grounds: await gatherGrounds(study) }, asked, options, io));
      if (options.trace === true) await printTraces(study, asked, io);
    }
    return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
  } finally {
    await source.close();
  }
}

/** Explains from what the store keeps of a review. */
async function explainStored(id: string, asked: Asked, options: ExplainOptions, io: Io): Promise<ExitCode> {
  if (options.trace === true)
    throw new CliError(`no file ${id}: --trace evaluates anew and needs the mails`, EXIT.usage);
  const { findAsked } = await import("../queue/asked.ts");
  const { findGrounds } = await import("../store/reviews.ts");
  return withService(options, async ({ context: { db } }) => {
    const found = await findAsked(db, id, "operator");
    if (found.kind !== "series")
      throw new CliError(`no file ${id}, and no series with that id: \`avicbot why\` says what became of it`);
    const { series, review } = found;
    if (review === null)
      throw new CliError(`<${series.id}> has no review yet: \`avicbot why\` says what it waits for`);
    return print({ review: review.review, grounds: await findGrounds(db, series.key) }, asked, options, io);
  });
}

/** `avicbot explain`: why a cell is what it is. */
export const configureExplain: ConfigureVerb = (command, io, done) => {
  addConfigOption(addKernelOptions(command))
    .argument("<message-id|file>", "any id of a stored series, or a file with the mails of one; - is stdin")
    .argument("<msr>", "MSR from 0x800 to 0x8FF")
    .addArgument(new Argument("<access>", "which access").choices(ACCESSES))
    .option("--base <revision>", "with --git: revision the series applies to, instead of finding it")
    .addOption(profileOption())
    .option("--trace", "of a file: the calls and branches that led there, and each change of the bit")
    .option("--json", "print JSON")
    .action(async (named: string, msr: string, access: Access, options: ExplainOptions) => {
      const asked = { msr: msrArgument(msr), access };
      if (options.trace === true && options.json === true)
        throw new CliError("--trace is text: leave --json out", EXIT.usage);
      const explain = named === "-" || existsSync(named) ? explainFile : explainStored;
      done(await explain(named, asked, options, io));
    });
};
