/**
 * Finding open series in the configured branches: by patch-id (the change itself, whatever the mail said around
 * it), else by subject and author. A series is merged when every patch of it is found.
 */
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { parseMessage } from "../mail/message.ts";
import { normaliseTitle } from "../mail/versions.ts";
import { GIT_ENVIRONMENT } from "../sources/git-log.ts";
import { readMail } from "../store/messages.ts";
import { changeSeries, listOpen, type SeriesRecord } from "../store/series.ts";
import type { Context } from "./context.ts";

const run = promisify(execFile);
const MAX_OUTPUT = 512 * 1024 * 1024;
const DAY_MS = 86_400_000;
/** Commits carry the date at which the patch was written, which may be before it was sent. */
const SLACK_DAYS = 30;
const PATHS = ["arch/x86", "include"];

interface Merged {
  readonly branch: string;
  /** Commit by patch-id. */
  readonly patches: ReadonlyMap<string, string>;
  /** Commit by author and title. */
  readonly titles: ReadonlyMap<string, string>;
}

/** Closes the open series that a branch holds; returns how many. */
export async function closeMerged(context: Context): Promise<number> {
  const { config, db, log } = context;
  const repository = config.kernel.git;
  const open = (await listOpen(db)).filter((series) => series.stable === null);
  if (repository === undefined || open.length === 0) return 0;
  let closed = 0;
  for (const branch of config.kernel.branches) {
    const merged = await readBranch(repository, branch, oldest(open));
    for (const series of open) {
      const commit = await commitOf(context, series, merged);
      if (commit === null) continue;
      await closeAsMerged(context, series, { branch, commit });
      log.info({ series: series.id, branch, commit }, "merged");
      closed += 1;
    }
  }
  return closed;
}

function oldest(open: readonly SeriesRecord[]): Date {
  const dates = open.map((series) => Date.parse(series.date ?? "")).filter((date) => !Number.isNaN(date));
  return new Date(Math.min(...dates, Date.now()) - SLACK_DAYS * DAY_MS);
}

async function readBranch(repository: string, branch: string, since: Date): Promise<Merged> {
  if (branch.startsWith("-")) throw new Error(`kernel.branches: ${branch} is no revision`);
  const range = ["--no-merges", `--since=${since.toISOString()}`, branch];
  const log = ["-C", repository, "log", "--format=%H%x09%ae%x09%s", ...range, "--", ...PATHS];
  const { stdout } = await run("git", log, { env: GIT_ENVIRONMENT, maxBuffer: MAX_OUTPUT });
  const titles = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const [commit = "", author = "", title = ""] = line.split("\t");
    if (title !== "") titles.set(`${author.toLowerCase()} ${normaliseTitle(title)}`, commit);
  }
  const diffs = ["-C", repository, "log", "-p", "--no-ext-diff", "--no-textconv", ...range, "--", ...PATHS];
  return { branch, titles, patches: await patchIds(diffs) };
}

/** `git log -p | git patch-id`: commit by patch-id. */
async function patchIds(args: readonly string[]): Promise<Map<string, string>> {
  const log = spawn("git", args, { env: GIT_ENVIRONMENT, stdio: ["ignore", "pipe", "ignore"] });
  const ids = spawn("git", ["patch-id", "--stable"], {
    env: GIT_ENVIRONMENT,
    stdio: [log.stdout, "pipe", "ignore"],
  });
  return readPatchIds(ids.stdout);
}

async function readPatchIds(output: AsyncIterable<Buffer>): Promise<Map<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of output) chunks.push(chunk);
  const found = new Map<string, string>();
  for (const line of Buffer.concat(chunks).toString("latin1").split("\n")) {
    const [id = "", commit = ""] = line.split(" ");
    if (id !== "") found.set(id, commit);
  }
  return found;
}

/** The commit of the last patch when all of them are there. */
async function commitOf(context: Context, series: SeriesRecord, merged: Merged): Promise<string | null> {
  let last: string | null = null;
  const patches = series.parts.filter((part) => part.index > 0);
  if (patches.length === 0 || series.missing.length > 0) return null;
  for (const part of patches) {
    const title = `${series.author.address.toLowerCase()} ${normaliseTitle(part.title)}`;
    last = merged.titles.get(title) ?? (await byPatchId(context, part.key, merged));
    if (last === null) return null;
  }
  return last;
}

async function byPatchId({ db }: Context, name: string, merged: Merged): Promise<string | null> {
  if (merged.patches.size === 0) return null;
  const bytes = await readMail(db, name);
  if (bytes === null) return null;
  const git = spawn("git", ["patch-id", "--stable"], {
    env: GIT_ENVIRONMENT,
    stdio: ["pipe", "pipe", "ignore"],
  });
  git.stdin.on("error", () => undefined);
  git.stdin.end(Buffer.from(parseMessage(bytes).patchText, "latin1"));
  const [id] = [...(await readPatchIds(git.stdout)).keys()];
  return id === undefined ? null : (merged.patches.get(id) ?? null);
}

async function closeAsMerged(
  { db }: Context,
  series: SeriesRecord,
  { branch, commit }: { branch: string; commit: string },
): Promise<void> {
  const reason = `in ${branch} as ${commit.slice(0, 12)}`;
  await changeSeries(db, series.key, (record) =>
    record.closed === null
      ? { ...record, closed: { state: "merged", by: "rule", at: db.now(), reason, successor: null } }
      : record,
  );
}
