import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { findReply } from "../../src/store/replies.ts";
import type { SeriesRecord } from "../../src/store/series.ts";
import { runVerb } from "../cli/in-process.ts";
import { patchMail } from "../jobs/patches.ts";
import { noRedis } from "../store/test-redis.ts";
import { apiChecker, type ApiChecker } from "./openapi.ts";
import { listenTo } from "./event-stream.ts";
import { bearer, deliverDemo, startSite, storeFor, studyDemo, type Site } from "./site.ts";

const PLUS = "20260101+a/b.c=d@x.example";

describe("by message-id", { skip: noRedis, timeout: 120_000 }, () => {
  let site: Site;
  let api: ApiChecker;
  let series: SeriesRecord;
  let replyId: string;
  before(async () => {
    site = await startSite();
    series = await deliverDemo(site);
    replyId = (await findReply(site.redis.db, series.key))?.value.messageId ?? "";
    await site.harness.deliver(patchMail({ id: "comment@x", title: "net: other", path: "net/a.c" }));
    await site.harness.deliver(patchMail({ id: PLUS, title: "KVM: SVM: with signs" }));
    api = await apiChecker(site);
  });
  after(() => site.close());

  test("every form of an id, of any mail of the series and of the reply, leads to its page", async () => {
    const [cover, , part] = series.parts.map(({ messageId }) => messageId ?? "");
    assert.ok(cover !== undefined && part !== undefined && replyId !== "");
    const forms = [
      ...[cover, part, replyId].map((id) => `/r/${id}/`),
      `/r/${part}`,
      `/r/<${part}>/`,
      `/r/${encodeURIComponent(`<${part}>`)}/`,
      `/kvm/${part}/`,
      `/lkml/${part}/T/`,
      `/all/${part}/raw`,
      `/all/${part}/t.mbox.gz`,
    ];
    for (const form of forms) {
      const answer = await site.get(form);
      assert.equal(answer.status, 200, form);
      assert.match(await answer.text(), /<h1>KVM: SVM: Fix x2AVIC MSR interception<\/h1>/, form);
    }
  });

  test("slashes and plus signs, encoded or not", async () => {
    for (const id of [PLUS, encodeURIComponent(PLUS)]) {
      for (const path of [`/r/${id}/`, `/kvm/${id}/T/`, `/r/${id}/why`]) {
        const answer = await site.get(path);
        assert.equal(answer.status, 200, path);
        assert.match(await answer.text(), /20260101\+a\/b\.c=d@x\.example/, path);
      }
      const line = await api.ask(`/api/v1/series/${id}`);
      assert.equal(line["messageId"], PLUS);
    }
  });

  test("what is pasted into the search box leads there", async () => {
    const pasted = [
      `https://lore.kernel.org/kvm/${series.id}/T/#u`,
      `<${series.id}>`,
      replyId,
      ` ${series.id} `,
    ];
    for (const text of pasted) {
      const answer = await site.get(`/?${new URLSearchParams({ q: text }).toString()}`);
      assert.deepEqual([answer.status, answer.headers.get("location")], [303, `/r/${series.id}/`], text);
    }
    const words = await site.text("/?q=x2avic+fix");
    assert.match(words, /<h1>Pending AVIC patch series<\/h1>[^]*Fix x2AVIC MSR interception/);
  });

  test("the text is the reply's body to the byte; the mbox holds the whole reply", async () => {
    const reply = (await findReply(site.redis.db, series.key))?.value;
    assert.ok(reply);
    const text = await site.text(`/r/${series.id}/txt`);
    const body = reply.mail.split("\r\n\r\n").slice(1).join("\r\n\r\n").replace(/\r\n/g, "\n");
    assert.equal(text, body);
    const mbox = await site.text(`/r/${series.id}/mbox`);
    assert.match(mbox, /^From avicbot@bots\.example\.net \w{3} \w{3} \d\d \d\d:\d\d:\d\d \d{4}\n/);
    assert.ok(mbox.endsWith(`${body}\n`));
    assert.match(mbox, new RegExp(`^Message-ID: <${replyId}>$`, "m"));
  });

  test("the JSON is the stored review", async () => {
    const { review } = await studyDemo();
    assert.deepEqual(await (await site.get(`/r/${series.id}/json`)).json(), review);
    assert.deepEqual(await api.ask(`/api/v1/reviews/${replyId}`), review);
  });

  test("a message seen but not reviewed gets the reason, one never seen a 404 that says what was searched", async () => {
    assert.match(await site.text("/r/comment@x/"), /does-not-concern/);
    assert.equal((await api.ask("/api/v1/messages/comment@x"))["series"], null);
    const seen = await api.ask("/api/v1/reviews/comment@x", { status: 404 });
    assert.match(String(seen["detail"]), /was seen and belongs to no series/);
    const unreviewed = await api.ask(`/api/v1/reviews/${PLUS}`, { status: 404 });
    assert.match(String(unreviewed["detail"]), /no review yet: it is reviewing/);
    for (const path of [
      "/r/nobody@x/",
      "/r/nobody@x/json",
      "/kvm/nobody@x/",
      "/r/nobody@x/why",
      "/?q=%3Cnobody@x%3E",
    ]) {
      const answer = await site.get(path);
      assert.equal(answer.status, 404, path);
      assert.match(await answer.text(), /nobody@x&?.*covers, patches and replies were searched/, path);
    }
  });

  test("a list is a page at a time, with cursors; wrong parameters say which", async () => {
    const first = await api.ask("/api/v1/series?limit=1");
    assert.equal(first["total"], 2);
    const second = await api.ask(`/api/v1/series?limit=1&cursor=${first["next"] as string}`);
    assert.equal(second["next"], null);
    assert.notDeepEqual(first["series"], second["series"]);
    for (const [query, words] of [
      ["limit=0", /limit/],
      ["state=lost", /state/],
      ["colour=red", /colour/],
      ["cursor=zzz", /cursor/],
    ] as const) {
      const problem = await api.ask(`/api/v1/series?${query}`, { status: 400 });
      assert.match(String(problem["detail"]), words);
    }
  });

  test("a cell is explained, with either profile", async () => {
    const path = `/api/v1/reviews/${series.id}/explain?msr=0x802&access=write`;
    const measured = (await api.ask(path)) as { old: { code: string }; by: { index: number }[] };
    const documented = (await api.ask(`${path}&profile=apm`)) as typeof measured;
    assert.deepEqual([measured.old.code, documented.old.code], ["#GP-direct", "UAA(t)"]);
    assert.deepEqual(measured.by, documented.by);
    const page = await site.text(`/r/${series.id}/explain?msr=0x802&access=write`);
    assert.match(page, /<code>avic_refresh_x2apic|avic_set_x2apic|avic_activate_vmcb/);
    assert.match(page, /measured on Zen4 by Naveen N Rao/);
    await api.ask(`/api/v1/reviews/${series.id}/explain?msr=0x1&access=write`, { status: 400 });
  });

  test("unchanged answers are not sent again; reading is free for every origin", async () => {
    for (const path of ["/", `/r/${series.id}/`, `/r/${series.id}/txt`, "/api/v1/series", "/openapi.json"]) {
      const first = await site.get(path);
      const etag = first.headers.get("etag") ?? "";
      const again = await site.get(path, { "if-none-match": `W/"other", ${etag}` });
      assert.deepEqual([again.status, await again.text()], [304, ""], path);
      assert.equal((await site.get(path, { "if-none-match": '"other"' })).status, 200, path);
    }
    const answer = await site.get("/api/v1/series", { origin: "https://elsewhere.example" });
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.equal((await site.get("/")).headers.get("access-control-allow-origin"), null);
  });

  test("what changes shows at once, though answers are kept in memory", async () => {
    const state = async () => (await api.ask(`/api/v1/series/${PLUS}`))["state"];
    assert.equal(await state(), "reviewing");
    const events = await listenTo(site.url);
    const found = await site.harness.find(PLUS);
    assert.ok(found);
    await storeFor(site, found, { ...(await studyDemo()), grounds: null });
    await events.next(({ data }) => data["messageId"] === PLUS && data["state"] === "held");
    events.close();
    assert.equal(await state(), "held");
  });

  test("query --server asks another host", async () => {
    const run = (server: string, ...args: string[]) => runVerb(["query", "--server", server, ...args]);
    const { review } = await studyDemo();
    const json = await run(site.url, `https://lore.kernel.org/kvm/${series.id}/`, "--json");
    assert.deepEqual([json.code, JSON.parse(json.out)], [0, review]);
    assert.equal((await run(`${site.url}/`, `<${series.id}>`)).out, await site.text(`/r/${series.id}/txt`));
    const unknown = await run(site.url, "nobody@x");
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /^avicbot: No message with the id nobody@x was seen[^\n]+\n$/);
    const { code, err } = await run("http://127.0.0.1:1", "x@y");
    assert.equal(code, 1);
    assert.match(err, /^avicbot: http:\/\/127\.0\.0\.1:1 does not answer: [^\n]+\n$/);
  });

  test("with a token the same is there, and is not kept by anybody", async () => {
    const answer = await site.get(`/r/${series.id}/`, bearer);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("cache-control"), "private, no-store");
  });
});
