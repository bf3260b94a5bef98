/** Checks of what the service needs, each with what to mend. */
import type { Config } from "../config.ts";
import { createLogger, describeError } from "../log.ts";
import { openDirectory } from "../kernel/directory.ts";
import { openGit } from "../kernel/git.ts";
import type { Source } from "../sources/source.ts";
import { listDeadLetters } from "../store/dead-letters.ts";
import { findUnsafeSettings } from "../store/redis.ts";
import type { Check } from "./check.ts";
import { checkMail } from "./doctor-mail.ts";
import { createSources, openService } from "./service.ts";

const SOURCE_LIMIT_MS = 20_000;

export async function checkService(config: Config): Promise<Check[]> {
  const sources = config.sources.flatMap(createSources);
  return [
    { ok: true, what: "settings", text: `mode ${config.mode}, ${sources.length} sources` },
    ...(await checkRedis(config)),
    ...(await Promise.all(sources.map((source) => checkSource(source, config)))),
    await checkKernel(config),
    ...(await checkMail(config)),
  ];
}

async function checkRedis(config: Config): Promise<Check[]> {
  const what = config.redisUrl === undefined ? "private Redis" : "Redis";
  try {
    const service = await openService(config, createLogger("silent"));
    try {
      const unsafe = await findUnsafeSettings(service.context.db.redis);
      const failed = await service.context.queues.failed();
      const dead = await listDeadLetters(service.context.db);
      const lost = failed.length + dead.length;
      return [
        { ok: unsafe.length === 0, what, text: unsafe.length === 0 ? "answers" : unsafe.join("; ") },
        { ok: lost === 0, what: "queue", text: `${failed.length} failed jobs, ${dead.length} dead letters` },
        ...failed.map((job) => ({ ok: false, what: `job ${job.id}`, text: job.reason })),
        ...dead.map((letter) => ({
          ok: false,
          what: `dead letter <${letter.messageId}>`,
          text: letter.reason,
        })),
      ];
    } finally {
      await service.close();
    }
  } catch (error) {
    return [{ ok: false, what, text: describeError(error).text }];
  }
}

/** Opens it as the watcher does, and reads nothing. */
async function checkSource(source: Source, config: Config): Promise<Check> {
  const batches = source.read({
    from: null,
    follow: false,
    signal: AbortSignal.timeout(SOURCE_LIMIT_MS),
    limits: config.limits,
  });
  try {
    const { done } = await batches.next();
    return { ok: true, what: source.name, text: done === true ? "open, and empty" : "open" };
  } catch (error) {
    return { ok: false, what: source.name, text: describeError(error).text };
  } finally {
    await batches.return(undefined).catch(() => undefined);
  }
}

async function checkKernel({ kernel }: Config): Promise<Check> {
  const what = "kernel";
  const place = kernel.git ?? kernel.tree;
  if (place === undefined) {
    return { ok: false, what, text: "set kernel.git: without source every review is undetermined" };
  }
  try {
    const source = kernel.git === undefined ? await openDirectory(place) : await openGit(place);
    try {
      const found = await Promise.all(kernel.branches.map((branch) => source.resolve(branch)));
      const unknown = kernel.branches.filter((_, at) => found[at] === null);
      if (unknown.length > 0) return { ok: false, what, text: `${place} has no ${unknown.join(", ")}` };
      return {
        ok: true,
        what,
        text: `${source.describe}: ${kernel.branches.join(", ") || "no branches set"}`,
      };
    } finally {
      await source.close();
    }
  } catch (error) {
    return { ok: false, what, text: describeError(error).text };
  }
}
