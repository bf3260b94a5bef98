/** Each source opened as the watcher opens it, and what to mend where it does not open. */
import type { Config, SourceConfig } from "../config.ts";
import { describeError } from "../log.ts";
import type { Source } from "../sources/source.ts";
import { failed, passed, type Check } from "./check.ts";
import { hasPassword } from "./doctor-host.ts";
import { createSources } from "./service.ts";

const LIMIT_MS = 20_000;

export async function checkSources(config: Config): Promise<Check[]> {
  const checks = config.sources.flatMap((settings) =>
    createSources(settings).map((source) => checkSource(settings, source, config)),
  );
  return Promise.all(checks);
}

async function checkSource(settings: SourceConfig, source: Source, config: Config): Promise<Check> {
  const batches = source.read({
    from: null,
    follow: false,
    signal: AbortSignal.timeout(LIMIT_MS),
    limits: config.limits,
  });
  try {
    const { done } = await batches.next();
    return passed(source.name, done === true ? "open, and empty" : "open");
  } catch (error) {
    const { text } = describeError(error);
    return failed(source.name, text, mendOf(settings, text));
  } finally {
    await batches.return(undefined).catch(() => undefined);
  }
}

function mendOf(settings: SourceConfig, problem: string): string {
  switch (settings.type) {
    case "imap":
      return mendImap(settings, problem);
    case "public-inbox":
      return "set path to the directory that holds git/0.git; make it with: public-inbox-clone URL PATH";
    case "maildir":
      return "set path to the directory that holds new and cur, readable for avicbot's user";
    case "mbox":
      return "set path to the mbox file, readable for avicbot's user";
  }
}

function mendImap({ url, password }: SourceConfig & { type: "imap" }, problem: string): string {
  if (/login refused/.test(problem)) {
    return hasPassword(url, password)
      ? "mend the user in url or the password"
      : "set password, in the file or within AVICBOT_SOURCES";
  }
  if (/cannot open the IMAP folder/.test(problem)) return "set folder to one that the account has";
  if (/STARTTLS|upgrade|certificate|TLS/i.test(problem))
    return "use imaps://; a password does not go over the net in the clear";
  return "mend host and port of url; imaps:// is port 993";
}
