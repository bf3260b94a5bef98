/** Where the time goes: the stages of a review of three patches that nobody has seen, and of a scan of real mail. */
import { readFileSync } from "node:fs";
import { replyTarget } from "../src/cli/review-output.ts";
import { openDirectory } from "../src/kernel/directory.ts";
import { parseMessage } from "../src/mail/message.ts";
import { assembleSeries } from "../src/mail/series.ts";
import { zen4 } from "../src/model/zen4.ts";
import { packagePath } from "../src/package-root.ts";
import { consider } from "../src/queue/scan/candidate.ts";
import { scanArchives } from "../src/queue/scan/scan.ts";
import { renderReply } from "../src/reply/render.ts";
import { createEvaluator, type Evaluator } from "../src/review/evaluate.ts";
import { reviewSeries } from "../src/review/review.ts";
import { mayConcern } from "../src/sources/first-look.ts";
import { splitMessages } from "../src/sources/mbox.ts";
import { bytesOf } from "../test/e2e/git-mails.ts";
import { realTree, type Tree } from "../test/interception/kernels.ts";
import type { Bench } from "./harness/bench.ts";
import { listMails } from "./harness/mails.ts";
import { seriesMails, templateSeries } from "./harness/series.ts";

export const title = "Where the time goes";

const WARM_UP = 15;
const REVIEWS = 40;
const QUICK_REVIEWS = 4;
const KERNEL = packagePath(".cache/linux-6.12");

/** Adds up milliseconds by stage. */
class Stopwatch {
  readonly times = new Map<string, number[]>();

  async stage<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await work();
    this.add(name, performance.now() - start);
    return result;
  }

  add(name: string, milliseconds: number): void {
    const known = this.times.get(name);
    if (known === undefined) this.times.set(name, [milliseconds]);
    else known.push(milliseconds);
  }
}

export async function run(bench: Bench): Promise<void> {
  const tree = realTree("6.12");
  if (tree === null) bench.report.skip("no kernel under .cache/linux-6.12; npm run setup test puts it there");
  else await reviews(bench, tree);
  await scans(bench);
}

async function reviews({ report, quick }: Bench, tree: Tree): Promise<void> {
  const template = templateSeries(tree, 3, true);
  const source = await openDirectory(KERNEL);
  const known = createEvaluator();
  let evaluating = 0;
  const evaluate: Evaluator = async (...words) => {
    const start = performance.now();
    const result = await known(...words);
    evaluating += performance.now() - start;
    return result;
  };
  const watch = new Stopwatch();
  for (let number = 0; number < WARM_UP + (quick ? QUICK_REVIEWS : REVIEWS); number++) {
    if (number === WARM_UP) watch.times.clear();
    const mails = seriesMails(template, number).map(bytesOf);
    const messages = await watch.stage("review: reading four mails", () =>
      mails.map((mail) => parseMessage(mail)),
    );
    const [series] = await watch.stage(
      "review: assembling the series",
      () => assembleSeries(messages).series,
    );
    if (series === undefined) throw new Error("the mails make no series");
    evaluating = 0;
    const start = performance.now();
    const review = await reviewSeries(series, source, { evaluate });
    watch.add("review: evaluating base and patches", evaluating);
    watch.add("review: diffs, base, rows and findings", performance.now() - start - evaluating);
    const target = replyTarget(review, series);
    if (review.verdict !== "changed" || target === null)
      throw new Error(`${review.verdict}: ${review.reason}`);
    await watch.stage("review: writing the reply", () => renderReply(review, target));
  }
  await source.close();
  for (const [name, times] of watch.times) report.figure(name, "ms", times);
}

async function scans({ report, quick, dir }: Bench): Promise<void> {
  const { path } = await listMails(dir, quick);
  const watch = new Stopwatch();
  const bytes = readFileSync(path);
  for (let round = 0; round < (quick ? 2 : 4); round++) {
    if (round === 1) watch.times.clear();
    const messages = await watch.stage("scan: taking the mbox apart", () => splitMessages(bytes));
    await watch.stage("scan: first look at every mail", () =>
      messages.filter((mail) => mayConcern(mail.bytes)),
    );
    await watch.stage("scan: headers, first look, ids of what may belong together", () =>
      messages.filter((mail) => consider(mail.bytes)),
    );
    await watch.stage("scan: all of it, reviews without a kernel included", () =>
      scanArchives([path], {
        since: null,
        until: null,
        source: null,
        branches: [],
        profile: zen4,
        onReview: () => undefined,
        onProgress: () => undefined,
      }),
    );
  }
  for (const [name, times] of watch.times) report.figure(name, "ms", times);
}
