/** `/metrics` in the text format of Prometheus. No label names a series, a person or a mail. */
import type { FastifyInstance } from "fastify";
import { QUEUE_NAMES } from "../queue/queues.ts";
import { OUTBOX_STATES } from "../reply/outbox/record.ts";
import { readCounts, REVIEW_SECONDS } from "../store/counters.ts";
import { countSeries, type Audience } from "../store/listing.ts";
import { countReplies } from "../store/replies.ts";
import { SERIES_STATES } from "../store/series.ts";
import { varyByOperator } from "./auth.ts";
import { outboxAge, sourceLags } from "./health.ts";
import { audienceOf, type WebContext } from "./web-context.ts";

const VERDICTS = ["changed", "unchanged", "undetermined", "not-applicable"];

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Behind the family's name: `_bucket`. */
  readonly suffix?: string;
}

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

function labelText(labels: Sample["labels"]): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`,
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function familyText({ name, type, help, samples }: Family): string {
  const lines = samples.map(
    ({ labels, value, suffix = "" }) => `${name}${suffix}${labelText(labels)} ${value}\n`,
  );
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

type Counts = ReadonlyMap<string, number>;

function mailFamily(counts: Counts): Family {
  const found = [...counts].filter(([field]) => field.startsWith("mails "));
  return {
    name: "avicbot_mails_total",
    type: "counter",
    help: "Mails seen, by the rule that decided about them",
    samples: found.map(([field, value]) => ({ labels: { decision: field.slice(6) }, value })),
  };
}

function reviewFamily(counts: Counts, audience: Audience): Family {
  const kinds = audience === "operator" ? ["reviews", "hidden-reviews"] : ["reviews"];
  const of = (rest: string) => kinds.reduce((sum, kind) => sum + (counts.get(`${kind}${rest}`) ?? 0), 0);
  const samples = VERDICTS.flatMap((verdict): Sample[] => {
    let below = 0;
    const buckets = REVIEW_SECONDS.map((bound): Sample => {
      below += of(`-le ${verdict} ${bound}`);
      return { suffix: "_bucket", labels: { verdict, le: String(bound) }, value: below };
    });
    const all = of(` ${verdict}`);
    return [
      ...buckets,
      { suffix: "_bucket", labels: { verdict, le: "+Inf" }, value: all },
      { suffix: "_sum", labels: { verdict }, value: of(`-ms ${verdict}`) / 1000 },
      { suffix: "_count", labels: { verdict }, value: all },
    ];
  });
  const help = "Reviews by verdict, and how long they took";
  return { name: "avicbot_review_seconds", type: "histogram", help, samples };
}

async function queueFamilies({ queues, db }: WebContext): Promise<Family[]> {
  const [counts, oldest] = await Promise.all([queues.counts(), queues.oldest()]);
  const depth = QUEUE_NAMES.flatMap((queue) =>
    Object.entries(counts[queue]).map(([state, value]) => ({ labels: { queue, state }, value })),
  );
  const ages = QUEUE_NAMES.map((queue) => {
    const since = oldest[queue];
    return { labels: { queue }, value: since === null ? 0 : Math.max(0, (db.now() - since) / 1000) };
  });
  return [
    { name: "avicbot_queue_jobs", type: "gauge", help: "Jobs by queue and state", samples: depth },
    {
      name: "avicbot_queue_age_seconds",
      type: "gauge",
      help: "Age of the job that waits longest",
      samples: ages,
    },
  ];
}

async function stateFamilies({ db }: WebContext, audience: Audience): Promise<Family[]> {
  const series = await Promise.all(
    SERIES_STATES.map(async (state) => ({
      labels: { state },
      value: await countSeries(db, state, audience),
    })),
  );
  const replies = await Promise.all(
    OUTBOX_STATES.map(async (state) => ({
      labels: { state },
      value: await countReplies(db, state, audience === "operator"),
    })),
  );
  return [
    { name: "avicbot_series", type: "gauge", help: "Series by state", samples: series },
    { name: "avicbot_replies", type: "gauge", help: "Mails of the outbox by state", samples: replies },
  ];
}

/** Names of sources tell of the machine: without a token they are numbered. */
async function sourceFamilies(web: WebContext, audience: Audience): Promise<Family[]> {
  const lags = (await sourceLags(web)).map((lag, at) => ({
    ...lag,
    labels: { source: audience === "operator" ? lag.name : `${at + 1}`, type: lag.type },
  }));
  return [
    {
      name: "avicbot_source_read",
      type: "gauge",
      help: "Whether a process reads the source",
      samples: lags.map(({ labels, held }) => ({ labels, value: held ? 1 : 0 })),
    },
    {
      name: "avicbot_source_lag_seconds",
      type: "gauge",
      help: "Since the position of the source last moved",
      samples: lags.flatMap(({ labels, seconds }) => (seconds === null ? [] : [{ labels, value: seconds }])),
    },
  ];
}

async function render(web: WebContext, audience: Audience): Promise<string> {
  const counts = await readCounts(web.db);
  const overdue = { labels: {}, value: await outboxAge(web) };
  const families: Family[] = [
    mailFamily(counts),
    reviewFamily(counts, audience),
    ...(await queueFamilies(web)),
    ...(await stateFamilies(web, audience)),
    ...(await sourceFamilies(web, audience)),
    {
      name: "avicbot_outbox_overdue_seconds",
      type: "gauge",
      help: "How long the mail due first is overdue",
      samples: [overdue],
    },
  ];
  return families.map(familyText).join("");
}

export function metricsRoutes(web: WebContext) {
  return (app: FastifyInstance, _options: object, done: () => void): void => {
    app.get("/metrics", async (request, reply) => {
      varyByOperator(reply);
      reply.type("text/plain; version=0.0.4; charset=utf-8").header("cache-control", "no-store");
      return render(web, audienceOf(request));
    });
    done();
  };
}
