import type { Review } from "../review/types.ts";
import { CliError, EXIT } from "./exit.ts";
import { addKernelOptions, openKernel, type KernelOptions } from "./kernel.ts";
import { profileOption } from "./options.ts";
import type { Profile } from "../model/profile.ts";
import type { Io } from "./io.ts";
import type { ConfigureVerb } from "./verb.ts";

interface ScanOptions extends KernelOptions {
  readonly since?: string;
  readonly until?: string;
  readonly branch?: string[];
  readonly profile: Profile;
  readonly json?: boolean;
}

/** `avicbot scan`: reviews what is in archives and writes nothing. */
export const configureScan: ConfigureVerb = (command, io, done) => {
  addKernelOptions(command)
    .argument("<path...>", "mbox files (also .gz), Maildirs, public-inbox archives")
    .option("--since <date>", "only mails sent on or after it")
    .option("--until <date>", "only mails sent before it")
    .option("--branch <rev...>", "revisions tried as base, best first")
    .addOption(profileOption())
    .option("--json", "print JSON, one review a line")
    .action(async (paths: string[], options: ScanOptions) => {
      const { profile } = options;
      const { scanArchives, wouldSend } = await import("../queue/scan/scan.ts");
      const source = await openKernel(options);
      const progress = startProgress(io);
      try {
        const counts = await scanArchives(paths, {
          since: dateOption(options.since),
          until: dateOption(options.until),
          source,
          branches: options.branch ?? [],
          profile,
          onProgress: progress.show,
          onReview: (review) => {
            progress.clear();
            io.out(options.json ? `${JSON.stringify(review)}\n` : reviewLine(review, wouldSend(review)));
          },
        });
        progress.clear();
        const say = options.json ? io.err : io.out;
        say(`${counts.messages} mails, ${counts.series} series that may concern AVIC\n`);
        for (const [verdict, count] of counts.verdicts) say(`${verdict} ${count}\n`);
        say(`would send ${counts.wouldSend}\n`);
      } finally {
        await source?.close();
      }
      done(EXIT.done);
    });
};

function dateOption(text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new CliError(`${text} is no date: give it as 2026-01-31`, EXIT.usage);
  return time;
}

function reviewLine(review: Review, sends: boolean): string {
  const { series } = review;
  const why = review.reason === null ? "" : ` (${review.reason})`;
  const date = series.date?.slice(0, 10) ?? "no date";
  const mark = sends ? "*" : " ";
  return `${mark} ${review.verdict.padEnd(12)} ${date} v${series.version} ${series.subject} <${series.messageId}>${why}\n`;
}

const WIDTH = 30;
const EVERY_MS = 100;

/** A bar over the bytes of the archives, on a terminal only. */
function startProgress(io: Io): { show: (share: number, messages: number) => void; clear: () => void } {
  let shown = 0;
  if (!io.progress) return { show: () => undefined, clear: () => undefined };
  return {
    show: (share, messages) => {
      const now = performance.now();
      if (now - shown < EVERY_MS) return;
      shown = now;
      const full = Math.round(Math.min(1, share) * WIDTH);
      const bar = "#".repeat(full).padEnd(WIDTH, ".");
      io.err(`\r\x1b[K[${bar}] ${Math.round(share * 100)} % ${messages} mails`);
    },
    clear: () => io.err("\r\x1b[K"),
  };
}
