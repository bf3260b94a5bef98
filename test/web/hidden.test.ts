import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { SeriesRecord } from "../../src/store/series.ts";
import { patchMail } from "../jobs/patches.ts";
import { noRedis } from "../store/test-redis.ts";
import { listenTo } from "./event-stream.ts";
import { bearer, deliverDemo, readDemo, startSite, storeFor, studyDemo, TOKEN, type Site } from "./site.ts";

const SECRET = "the guest reaches a register of the host by 0x830";
const critical = {
  rule: "left-open-when-deactivated",
  severity: "critical",
  msr: "0x830",
  access: "write" as const,
};

/** A series with a critical finding must not be there for anybody without a token, whatever is asked. */
describe("a series held for a critical finding", { skip: noRedis, timeout: 120_000 }, () => {
  let site: Site;
  let series: SeriesRecord;
  let replyId: string;
  before(async () => {
    site = await startSite({
      web: { port: 0, tokens: [TOKEN] },
      mail: { from: "avicbot@bots.example.net", moderators: "mods@bots.example.net" },
    });
    series = await deliverDemo(site, { findings: [{ ...critical, text: SECRET }] });
    await site.harness.deliver(patchMail({ id: "open@x", title: "KVM: SVM: x2AVIC is open" }));
    const listed = (await (await site.get("/api/v1/series", bearer)).json()) as {
      series: { messageId: string; reply: { messageId: string } | null }[];
    };
    replyId = listed.series.find(({ messageId }) => messageId === series.id)?.reply?.messageId ?? "";
    assert.notEqual(replyId, "");
  });
  after(() => site.close());

  /** Nothing of the series: its id, title, author, finding, reply. */
  function assertNothing(text: string, where: string): void {
    for (const word of [series.id, "jane", "Jane", "Fix x2AVIC MSR", SECRET, "critical", replyId])
      assert.ok(!text.includes(word), `${where} says ${word}`);
  }

  test("is in no list, search, feed or description without a token, and in all of them with it", async () => {
    const lists = [
      "/",
      "/?state=all",
      "/?state=held",
      "/?verdict=changed",
      "/?sort=changes",
      "/?author=jane%40example.com&state=all",
      "/?q=x2avic",
      "/?q=interception+jane",
      "/api/v1/series?state=all",
      "/api/v1/series?q=x2avic&limit=1",
      "/feed.atom",
    ];
    for (const path of lists) {
      const text = await site.text(path);
      const query = /[?&](?:author|q)=/.test(path);
      if (query) assert.ok(!text.includes(`/r/${series.id}`) && !text.includes(SECRET), path);
      else assertNothing(text, path);
    }
    for (const path of lists)
      assert.ok((await site.text(path, bearer)).includes(series.id), `${path} with a token`);
  });

  test("is as unknown as an id that was never seen, by every id of it and in every form", async () => {
    const ids = [...series.parts.flatMap(({ messageId }) => messageId ?? []), replyId];
    const paths = (id: string) => [
      ...["", "json", "txt", "mbox", "why", "explain?msr=0x830&access=write", "?profile=apm"].map(
        (end) => `/r/${id}/${end}`,
      ),
      `/kvm/${id}/`,
      `/api/v1/series/${id}`,
      `/api/v1/reviews/${id}`,
      `/api/v1/reviews/${id}/explain?msr=0x830&access=write`,
      `/api/v1/messages/${id}`,
      `/?q=${encodeURIComponent(`<${id}>`)}`,
    ];
    const told = async (path: string) => {
      const answer = await site.get(path);
      return { status: answer.status, etag: answer.headers.get("etag"), text: await answer.text() };
    };
    const plain = (text: string, id: string) =>
      text
        .replaceAll(id, "ID")
        .replaceAll(encodeURIComponent(id), "ID")
        .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "REQUEST");
    for (const id of ids) {
      const unknown = paths("unknown@example.com");
      for (const [at, path] of paths(id).entries()) {
        const found = await told(path);
        const never = await told(unknown[at] ?? "");
        assert.deepEqual([found.status, found.etag], [never.status, never.etag], path);
        assert.equal(plain(found.text, id), plain(never.text, "unknown@example.com"), path);
      }
    }
    assert.equal((await site.get(`/r/${series.id}/`, bearer)).status, 200);
    assert.match(await site.text(`/r/${series.id}/`, bearer), new RegExp(SECRET));
    assert.match(await site.text(`/r/${series.id}/why`, bearer), /only the moderators are told/);
  });

  test("counts nowhere in the metrics without a token", async () => {
    const numbers = async (headers: Record<string, string>) => {
      const text = await site.text("/metrics", headers);
      assertNothing(text, "/metrics");
      return ["avicbot_series", "avicbot_replies"].map(
        (name) => new RegExp(`^${name}\\{state="held"\\} (\\d+)$`, "m").exec(text)?.[1],
      );
    };
    assert.deepEqual(await numbers({}), ["0", "0"]);
    const [held, replies] = await numbers(bearer);
    assert.equal(held, "1");
    assert.ok(Number(replies) >= 1);
  });

  test("its changes are events for an operator alone", async () => {
    const anybody = await listenTo(site.url);
    const operator = await listenTo(site.url, bearer);
    await fetch(`${site.url}/api/v1/series/${series.id}/retry`, { method: "POST", headers: bearer });
    await operator.next(({ data }) => data["messageId"] === series.id);
    await site.harness.deliver(patchMail({ id: "later@x", title: "KVM: SVM: x2AVIC comes later" }));
    // What comes first is what came first: nothing of the hidden series was sent before.
    assert.equal((await anybody.next()).data["messageId"], "later@x");
    const behind = await listenTo(site.url, { "last-event-id": "1-0" });
    const seen: unknown[] = [];
    for (let at = 0; at < 2; at += 1) seen.push((await behind.next()).data["messageId"]);
    assert.deepEqual(seen.sort(), ["later@x", "open@x"]);
    for (const stream of [anybody, operator, behind]) stream.close();
  });

  test("a later version that is open tells nothing of it", async () => {
    const { review, grounds } = await studyDemo();
    const mails = (await readDemo()).map((mail) =>
      mail.replaceAll("[PATCH v2", "[PATCH v3").replaceAll("20260504091500.1-", "20260511091500.2-"),
    );
    for (const mail of mails)
      await site.harness.deliver(mail.replace(/^Date: .*$/m, "Date: Mon, 11 May 2026 09:15:00 +0000"));
    const next = await site.harness.find(series.id.replace("20260504091500.1-", "20260511091500.2-"));
    assert.ok(next !== null && next.version === 3);
    await storeFor(site, next, { review, grounds });
    const page = await site.text(`/r/${next.id}/`);
    assert.match(page, /<h1>KVM: SVM: Fix x2AVIC/);
    for (const word of [series.id, SECRET, "← <a", "Against <a"]) assert.ok(!page.includes(word), word);
    const line = await (await site.get(`/api/v1/series/${next.id}`)).text();
    assert.ok(!line.includes(series.id), "the line of the list");
    assert.ok((await site.text(`/r/${next.id}/`, bearer)).includes("← <a"));
    assert.equal((await site.get(`/r/${series.id}/`)).status, 404);
  });
});
