import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sealReview } from "../../src/review/digest.ts";
import { launchChromium, noChromium } from "../browser/chromium.ts";
import { patchMail } from "../jobs/patches.ts";
import { noRedis } from "../store/test-redis.ts";
import { bearer, startSite, storeFor, studyDemo, type Site } from "./site.ts";

const SCRIPT = `<script>alert(1)</script><img src=x onerror=alert(2)>"'&]]>`;
const BIDI = "\u202e\u2066evil\u2069\u200b";
const ID = `x"'&onerror=alert(3)/../%2f{avicbot}:*;--@evil.example`;
const LONG = "long ".repeat(2000);
const TEXT = `${SCRIPT} ${BIDI} ${LONG}`;

/** UTF-8 as mails are delivered in these tests: bytes as characters. */
function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** A series whose every text is meant to break out of a page, with code lines as bad. */
describe("hostile content", { skip: noRedis, timeout: 200_000 }, () => {
  let site: Site;
  let path: string;
  before(async () => {
    site = await startSite();
    const mail = patchMail({ id: bytes(ID), title: bytes(`KVM: x2AVIC ${TEXT}`.slice(0, 900)) })
      .replace("From: Ann Author", `From: "${bytes(`${SCRIPT.replaceAll('"', "")} ${BIDI}`)}"`)
      .replace("List-Id: <kvm.vger.kernel.org>", "List-Id: <kvm<script>.vger.kernel.org>");
    await site.harness.deliver(mail);
    const listed = (await (await site.get("/api/v1/series?state=all")).json()) as {
      series: { messageId: string }[];
    };
    const id = listed.series[0]?.messageId ?? "";
    assert.equal(id, bytes(ID));
    const series = await site.harness.find(ID);
    assert.ok(series !== null);
    path = `/r/${encodeURIComponent(ID)}`;
    const { review, grounds } = await studyDemo();
    assert.ok(grounds !== null);
    const line = { file: `a/${SCRIPT}.c`, line: 1, function: SCRIPT, text: TEXT };
    const bad = {
      ...grounds,
      old: { ...grounds.old, decisions: grounds.old.decisions.map(() => ({ at: line, chain: [line] })) },
    };
    await storeFor(site, series, {
      review: sealReview({
        ...review,
        reason: TEXT,
        series: { ...review.series, messageId: id, subject: TEXT, author: { name: TEXT, address: TEXT } },
        base: review.base === null ? null : { ...review.base, note: TEXT, revision: TEXT },
        conditions: [{ when: TEXT, sets: review.sets! }],
        findings: [{ rule: SCRIPT, severity: "warning", msr: "0x830", access: "write", text: TEXT }],
        exits: [TEXT],
      }),
      grounds: bad,
    });
  });
  after(() => site.close());

  const pages = () => [
    "/",
    "/?state=all&sort=author",
    `/?${new URLSearchParams({ q: `x2avic ${SCRIPT}`, author: SCRIPT, list: SCRIPT }).toString()}`,
    `${path}/`,
    `${path}/?way=0&profile=apm`,
    `${path}/explain?msr=0x80f&access=write`,
    `${path}/explain?msr=0x80f&access=write&way=0`,
    `${path}/why`,
    `/r/${encodeURIComponent(SCRIPT)}@unknown/`,
    `/nothing/${encodeURIComponent(SCRIPT)}`,
    `/login?${new URLSearchParams({ next: `/"><script>alert(4)</script>` }).toString()}`,
  ];

  test("no page has markup or invisible characters of it, signed in or not", async () => {
    for (const page of pages()) {
      for (const headers of [{}, bearer]) {
        const answer = await site.get(page, { accept: "text/html", ...headers });
        assert.ok(answer.status < 500, `${page}: ${answer.status}`);
        const text = await answer.text();
        assert.match(text, /^<!doctype html>/, page);
        assert.doesNotMatch(text, /<script>|<img|alert\(1\)<\/script/i, page);
        assert.doesNotMatch(text, /[\u200b\u202a-\u202e\u2066-\u2069\u0000-\u0008]/, page);
        assert.ok(text.length < 120_000, `${page} has ${text.length} characters`);
        assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      }
    }
  });

  test("JSON keeps it as data, the feed is well-formed, metrics do not name it", async () => {
    for (const page of ["/api/v1/series", `/api/v1/series/${encodeURIComponent(ID)}`, `${path}/json`]) {
      const answer = await site.get(page);
      assert.match(answer.headers.get("content-type") ?? "", /^application\/json/, page);
      assert.ok(JSON.parse(await answer.text()));
    }
    const feed = await site.text("/feed.atom");
    assert.match(feed, /&lt;script&gt;/);
    assert.doesNotMatch(feed, /<script|\]\]>|[\u0000-\u0008\u202e]/);
    assert.doesNotMatch(await site.text("/metrics"), /script|evil/);
    for (const end of ["txt", "mbox"]) {
      const answer = await site.get(`${path}/${end}`);
      assert.doesNotMatch(answer.headers.get("content-type") ?? "", /html/);
    }
  });

  test("polluting parameters change nothing", async () => {
    const before = Object.keys(Object.prototype).length;
    for (const query of ["__proto__[admin]=1", "a[__proto__][x]=1", "constructor=1", "state=all&state=held"])
      assert.ok((await site.get(`/api/v1/series?${query}`)).status < 500, query);
    const body = '{"__proto__": {"admin": true}, "edits": [{"address": "a@b", "replacement": null}]}';
    const answer = await fetch(`${site.url}/api/v1/series/a@b/recipients`, {
      method: "PUT",
      headers: { ...bearer, "content-type": "application/json" },
      body,
    });
    assert.equal(answer.status, 400);
    assert.equal(Object.keys(Object.prototype).length, before);
  });

  test("in a browser nothing of it runs and nothing is fetched", { skip: noChromium }, async () => {
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("dialog", (dialog) => {
        complaints.push(dialog.message());
        void dialog.dismiss();
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => {
        if (!request.url().startsWith(site.url) && !request.url().startsWith("data:"))
          complaints.push(request.url());
        if (request.url().endsWith("/x")) complaints.push(request.url());
      });
      for (const one of pages()) await page.goto(`${site.url}${one}`);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
    }
  });
});
