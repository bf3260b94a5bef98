import { existsSync } from "node:fs";
import { renderExplanation } from "../reply/explain.ts";
import { renderVerdict } from "../reply/render.ts";
import { createEvaluator } from "../review/evaluate.ts";
import { explainAccess } from "../review/explain.ts";
import { gatherGrounds } from "../review/grounds.ts";
import { studySeries } from "../review/review.ts";
import type { Study } from "../review/review.ts";
import { ACCESSES, X2APIC_MSR_FIRST, X2APIC_MSR_LAST } from "../x2apic.ts";
import type { Access } from "../x2apic.ts";
import { CliError, EXIT } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import { readMails } from "./input.ts";
import type { Io } from "./io.ts";
import { addKernelOptions, openKernel } from "./kernel.ts";
import type { KernelOptions } from "./kernel.ts";
import { profileOption, PROFILE_NAMES } from "./options.ts";
import { seriesIn } from "./review.ts";
import type { ConfigureVerb } from "./verb.ts";

interface ExplainOptions extends KernelOptions {
  readonly base?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

function msrArgument(text: string): number {
  const msr = /^(?:0x)?[0-9a-f]{3}$/i.test(text) ? Number.parseInt(text.replace(/^0x/i, ""), 16) : Number.NaN;
  if (msr >= X2APIC_MSR_FIRST && msr <= X2APIC_MSR_LAST) return msr;
  throw new CliError(`'${text}' is no MSR of 0x800..0x8FF, such as 0x830`, EXIT.usage);
}

function accessArgument(text: string): Access {
  const access = ACCESSES.find((one) => one === text.toLowerCase());
  if (access === undefined) throw new CliError(`'${text}' is neither read nor write`, EXIT.usage);
  return access;
}

function checkFile(file: string): void {
  if (file === "-" || existsSync(file)) return;
  throw new CliError(`${file}: no such file; name the file that holds the mails, or - for stdin`);
}

interface Asked {
  readonly msr: number;
  readonly access: Access;
}

async function print(study: Study, asked: Asked, options: ExplainOptions, io: Io): Promise<ExitCode> {
  const grounds = await gatherGrounds(study);
  const profile = profileOption(options.profile);
  const viewed = grounds === null ? null : { review: study.review, grounds, profile, way: null };
  const explanation = viewed === null ? null : explainAccess(viewed, asked);
  if (explanation === null) {
    io.err(renderVerdict(study.review));
    return study.review.verdict === "undetermined" ? EXIT.undetermined : EXIT.done;
  }
  io.out(options.json ? `${JSON.stringify(explanation)}\n` : renderExplanation(explanation));
  return EXIT.done;
}

async function explain(file: string, asked: Asked, options: ExplainOptions, io: Io): Promise<ExitCode> {
  checkFile(file);
  const all = seriesIn(await readMails([file], io));
  const source = await openKernel(options);
  if (source === null) throw new CliError("no kernel; give --tree DIR or --git REPO", EXIT.usage);
  try {
    const settings = { profile: profileOption(options.profile), evaluate: createEvaluator() };
    const codes: ExitCode[] = [];
    for (const series of all) {
      const given = options.base === undefined ? settings : { ...settings, base: options.base };
      codes.push(await print(await studySeries(series, source, given), asked, options, io));
    }
    return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
  } finally {
    await source.close();
  }
}

/** `avicbot explain`: why a cell is what it is. */
export const configureExplain: ConfigureVerb = (command, io, done) => {
  addKernelOptions(command)
    .argument("<file>", "the mails of the series; - is stdin")
    .argument("<msr>", "0x800..0x8FF")
    .argument("<access>", "read or write")
    .option("--base <revision>", "with --git: the revision the series applies to")
    .option("--profile <name>", `hardware profile: ${PROFILE_NAMES}`)
    .option("--json", "print JSON")
    .action(async (file: string, msr: string, access: string, options: ExplainOptions) => {
      const asked = { msr: msrArgument(msr), access: accessArgument(access) };
      done(await explain(file, asked, options, io));
    });
};
