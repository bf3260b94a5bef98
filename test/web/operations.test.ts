import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { newRecord } from "../../src/reply/outbox/record.ts";
import { acquireLease } from "../../src/store/positions.ts";
import { addReply } from "../../src/store/replies.ts";
import { createSources } from "../../src/queue/service.ts";
import { killLeftOvers, startBot, writeSettings } from "../service/bot.ts";
import { patchMail } from "../jobs/patches.ts";
import { noRedis } from "../store/test-redis.ts";
import { listenTo } from "./event-stream.ts";
import { bearer, deliverDemo, startSite, type Site } from "./site.ts";

const SOURCE = { type: "maildir", path: "/nowhere/secret-place" } as const;

describe("operations", { skip: noRedis, timeout: 120_000 }, () => {
  let site: Site;
  before(async () => {
    site = await startSite({ sources: [SOURCE], smtp: { url: "smtp://127.0.0.1:1" } });
    await deliverDemo(site);
  });
  after(() => site.close());

  test("ready when sources are read and nothing is stuck in the outbox; else 503 says what", async () => {
    assert.deepEqual(await (await site.get("/healthz")).json(), { ok: true });
    const unread = await site.get("/readyz");
    assert.equal(unread.status, 503);
    const checks = (await unread.json()) as { checks: { name: string; ok: boolean }[] };
    assert.deepEqual(
      checks.checks.filter(({ ok }) => !ok).map(({ name }) => name),
      ["source 1 (maildir)"],
    );
    const { db } = site.harness.service.context;
    const [source] = createSources({ ...SOURCE, pollSeconds: 1 });
    await acquireLease(db, source?.name ?? "", 60_000);
    assert.equal((await site.get("/readyz")).status, 200);
    const mail = { thread: "t", messageId: "late@b", bytes: Buffer.from("m"), sender: "s@b", recipients: [] };
    const now = Date.now() - 3_600_000;
    await addReply(
      db,
      newRecord({ ...mail, key: "late", kind: "answer", state: "intent", reason: null, now }),
    );
    const stuck = await site.get("/readyz");
    assert.equal(stuck.status, 503);
    assert.match(await stuck.text(), /"outbox","ok":false,"text":"the next mail is 36\d\d s overdue"/);
  });

  test("metrics: what was counted, in the format of Prometheus, no label of a series or a path", async () => {
    const answer = await site.get("/metrics");
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    const text = await answer.text();
    for (const line of text.trimEnd().split("\n"))
      assert.match(
        line,
        /^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? [0-9.e+-]+)$/,
      );
    assert.match(text, /^avicbot_mails_total\{decision="may-concern"\} [1-9]/m);
    assert.match(text, /^avicbot_series\{state="held"\} 1$/m);
    assert.match(text, /^avicbot_replies\{state="held"\} 1$/m);
    assert.match(text, /^avicbot_queue_age_seconds\{queue="review"\} \d/m);
    assert.match(text, /^avicbot_source_read\{source="1",type="maildir"\} 1$/m);
    assert.doesNotMatch(text, /secret-place/);
    assert.match(await site.text("/metrics", bearer), /source="maildir:\/nowhere\/secret-place"/);
  });

  test("reviews are counted by verdict and time", async () => {
    await site.harness.work();
    await site.harness.deliver(
      patchMail({ id: "counted@x", title: "KVM: SVM: counted", body: "Stub: unchanged" }),
    );
    await site.harness.untilState("counted@x", "unchanged");
    const text = await site.text("/metrics");
    assert.match(text, /^avicbot_review_seconds_count\{verdict="unchanged"\} 1$/m);
    assert.match(text, /^avicbot_review_seconds_bucket\{verdict="unchanged",le="\+Inf"\} 1$/m);
  });

  test("the feed is Atom, with a link and an id for every entry", async () => {
    const answer = await site.get("/feed.atom");
    assert.match(answer.headers.get("content-type") ?? "", /^application\/atom\+xml/);
    const feed = await answer.text();
    assert.match(
      feed,
      /^<\?xml version="1\.0" encoding="utf-8"\?>\n<feed xmlns="http:\/\/www\.w3\.org\/2005\/Atom">/,
    );
    assert.match(feed, /<id>mid:20260504091500\.1-1-jane@example\.com<\/id>\n<title>v2 KVM: SVM: Fix x2AVIC/);
    assert.ok(
      feed.includes(
        `<link rel="alternate" type="text/html" href="${site.url}/r/20260504091500.1-1-jane@example.com/"/>`,
      ),
    );
  });

  test("the queue board is for operators, with a policy of its own; all other pages allow no inline script", async () => {
    assert.equal((await site.get("/queues")).headers.get("location"), "/login?next=/queues");
    const board = await site.get("/queues", bearer);
    assert.equal(board.status, 200);
    assert.match(board.headers.get("content-security-policy") ?? "", /script-src 'self' 'unsafe-inline'/);
    assert.match(await site.text("/queues/api/queues", bearer), /"name":"review"/);
    assert.equal((await site.get("/queues/api/queues")).status, 303);
    for (const path of ["/", "/login", "/nothing", "/api/v1/series", "/feed.atom"]) {
      const { headers } = await site.get(path);
      assert.match(
        headers.get("content-security-policy") ?? "",
        /^default-src 'none';script-src 'self';/,
        path,
      );
      assert.doesNotMatch(headers.get("content-security-policy") ?? "", /unsafe/, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    }
  });

  test("a body, a header or a path that is too large is refused, and the server lives on", async () => {
    const body = JSON.stringify({ edits: "x".repeat(20_000) });
    const large = await fetch(`${site.url}/api/v1/series/a@b/recipients`, {
      method: "PUT",
      headers: { ...bearer, "content-type": "application/json" },
      body,
    });
    assert.equal(large.status, 413);
    assert.equal((await site.get("/", { "x-long": "x".repeat(20_000) })).status, 431);
    assert.equal((await site.get(`/r/${"a".repeat(10_000)}@b/`)).status, 404);
    assert.equal((await site.get("/r/%00%ff%zz@b/")).status, 404);
    const strange = await fetch(`${site.url}/login`, {
      method: "POST",
      headers: { "content-type": "text/xml" },
      body: "<a/>",
    });
    assert.equal(strange.status, 415);
    assert.equal((await site.get("/healthz")).status, 200);
  });

  test("a request's id is the log's, a proxy's is taken over when it is a plain word", async () => {
    assert.equal((await site.get("/", { "x-request-id": "abc-123" })).headers.get("x-request-id"), "abc-123");
    assert.match(
      (await site.get("/", { "x-request-id": 'a"b c' })).headers.get("x-request-id") ?? "",
      /^[0-9a-f-]{36}$/,
    );
  });
});

describe("the end of the server", { skip: noRedis, timeout: 120_000 }, () => {
  test("ends event streams, finishes what it answers, and takes no more", async () => {
    // An hour for what is being answered: a connection without a request may not use any of it.
    const site = await startSite({ queue: { shutdownSeconds: 3600 } });
    const stream = await listenTo(site.url);
    const idle = createConnection(Number(new URL(site.url).port), "127.0.0.1");
    await once(idle, "connect");
    const closed = once(idle, "close");
    await site.server.stop();
    await Promise.all([stream.ended, closed]);
    await assert.rejects(site.get("/"));
    await site.harness.close();
    await site.redis.stop();
  });

  test("avicbot web: logs where it listens, logs requests, ends at SIGTERM; a taken port is one line", async (context) => {
    const dir = mkdtempSync(join(tmpdir(), "avw-"));
    context.after(() => {
      killLeftOvers();
      rmSync(dir, { recursive: true, force: true });
    });
    const bot = startBot("web", writeSettings(dir, { dataDir: `${dir}/data`, web: { port: 0 } }));
    const { address } = await bot.until(({ msg }) => msg === "listening");
    const answer = await fetch(`${String(address)}/?q=%22%0aforged`);
    const line = await bot.until(
      ({ msg, reqId }) => msg === "request" && reqId === answer.headers.get("x-request-id"),
    );
    assert.deepEqual([line["method"], line["status"], line["path"]], ["GET", 200, "/?q=%22%0aforged"]);
    const stream = await listenTo(String(address));
    const port = Number(new URL(String(address)).port);
    const config = writeSettings(mkdtempSync(join(dir, "b")), { dataDir: `${dir}/data`, web: { port } });
    const second = startBot("web", config);
    assert.equal(await second.ended, 1);
    assert.match(
      second.lines.at(-1)?.msg ?? "",
      /^avicbot: port \d+ of 127\.0\.0\.1 is in use: set another web\.port$/,
    );
    assert.equal(await bot.stop(), 0);
    await stream.ended;
  });
});
