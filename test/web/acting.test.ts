import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { findReply } from "../../src/store/replies.ts";
import type { SeriesRecord } from "../../src/store/series.ts";
import { noRedis } from "../store/test-redis.ts";
import { apiChecker, type ApiChecker } from "./openapi.ts";
import { bearer, deliverDemo, startSite, TOKEN, type Site } from "./site.ts";

describe("acting", { skip: noRedis, timeout: 120_000 }, () => {
  let site: Site;
  let api: ApiChecker;
  let series: SeriesRecord;
  before(async () => {
    site = await startSite();
    api = await apiChecker(site);
  });
  beforeEach(async () => {
    await site.redis.redis.flushdb();
    series = await deliverDemo(site);
  });
  after(() => site.close());

  const post = (path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(`${site.url}${path}`, {
      method: "POST",
      headers,
      redirect: "manual",
      ...(body === undefined ? {} : { body }),
    });
  const form = (
    path: string,
    cookie: string,
    fields: Record<string, string>,
    more: Record<string, string> = {},
  ) =>
    post(
      path,
      { cookie, accept: "text/html", "content-type": "application/x-www-form-urlencoded", ...more },
      new URLSearchParams(fields).toString(),
    );
  const replyState = async () => (await findReply(site.redis.db, series.key))?.value.state;

  async function signIn(token = TOKEN): Promise<{ status: number; cookie: string; header: string }> {
    const answer = await form("/login", "", { token, next: `/r/${series.id}/` });
    const header = answer.headers.get("set-cookie") ?? "";
    return { status: answer.status, cookie: header.split(";")[0] ?? "", header };
  }

  async function csrfOf(cookie: string): Promise<string> {
    const page = await site.text(`/r/${series.id}/`, { cookie });
    return /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";
  }

  test("a script with the token approves, holds and ignores; each act stands in the timeline", async () => {
    const path = `/api/v1/series/${series.id}`;
    const approved = await api.ask(`${path}/approve`, { method: "POST", headers: bearer });
    assert.equal((approved["reply"] as { state: string }).state, "intent");
    await api.ask(`${path}/hold`, { method: "POST", headers: bearer });
    await api.ask(`${path}/approve`, { method: "POST", headers: bearer });
    const again = await api.ask(`${path}/approve`, { method: "POST", headers: bearer, status: 409 });
    assert.match(String(again["detail"]), /the mail is intent/);
    const ignored = await api.ask(`${path}/ignore`, { method: "POST", headers: bearer });
    assert.equal(ignored["state"], "ignored");
    const page = await site.text(`/r/${series.id}/`);
    const acts = [...page.matchAll(/<strong>(approve|hold|ignore)<\/strong> ([^<]+)</g)].map(
      ([, what, text]) => [what, text],
    );
    assert.deepEqual(acts, [
      ["approve", "approved by pat (web)"],
      ["hold", "held by pat (web)"],
      ["approve", "approved by pat (web)"],
      ["ignore", "ignored by pat (web)"],
    ]);
  });

  test("a held series is reviewed again at an operator's word", async () => {
    const path = `/api/v1/series/${series.id}/retry`;
    const retried = await api.ask(path, { method: "POST", headers: bearer });
    assert.equal(retried["state"], "reviewing");
    assert.match(await site.text(`/r/${series.id}/`), /pat \(web\) asked to review it again/);
  });

  test("recipients of a held reply are edited; nobody new is let in", async () => {
    const path = `/api/v1/series/${series.id}/recipients`;
    const put = (edits: object[], status: number) =>
      api.ask(path, {
        method: "PUT",
        headers: { ...bearer, "content-type": "application/json" },
        body: JSON.stringify({ edits }),
        status,
      });
    const recipients = (await findReply(site.redis.db, series.key))?.value.recipients ?? [];
    await put([{ address: recipients[0], replacement: "other@example.com" }], 200);
    assert.ok((await findReply(site.redis.db, series.key))?.value.recipients.includes("other@example.com"));
    await put([{ address: "stranger@example.com", replacement: null }], 409);
    await put([{ address: "x", replacement: 1 }], 400);
    assert.match(
      await site.text(`/r/${series.id}/`),
      /other@example\.com instead of jane@example\.com by pat \(web\)/,
    );
  });

  test("without a token nothing changes: 401, and what to do", async () => {
    for (const act of ["approve", "hold", "ignore", "retry"]) {
      const problem = await api.ask(`/api/v1/series/${series.id}/${act}`, { method: "POST", status: 401 });
      assert.match(String(problem["detail"]), /Authorization: Bearer TOKEN/);
    }
    await api.ask("/api/v1/series/nobody@x/hold", { method: "POST", headers: bearer, status: 404 });
    assert.equal(await replyState(), "held");
  });

  test("a person signs in, gets a strict cookie that scripts cannot read, and acts by forms", async () => {
    const { status, cookie, header } = await signIn();
    assert.equal(status, 303);
    assert.match(header, /; Path=\/; HttpOnly; SameSite=Strict$/);
    const csrf = await csrfOf(cookie);
    const answer = await form(`/r/${series.id}/approve`, cookie, { csrf });
    assert.deepEqual([answer.status, answer.headers.get("location")], [303, `/r/${series.id}/`]);
    assert.equal(await replyState(), "intent");
    assert.match(await site.text(`/r/${series.id}/`, { cookie }), /approved by pat \(web\)/);
    const refused = await form(`/r/${series.id}/approve`, cookie, { csrf });
    assert.equal(refused.status, 409);
    assert.match(await refused.text(), /Approve: the mail is intent\./);
    const out = await form("/logout", cookie, { csrf });
    assert.match(out.headers.get("set-cookie") ?? "", /avicbot_session=; .*Expires=Thu, 01 Jan 1970/);
  });

  test("a form without its session's token, from another site, or with a changed cookie does nothing", async () => {
    const { cookie } = await signIn();
    const csrf = await csrfOf(cookie);
    const path = `/r/${series.id}/approve`;
    const changed = cookie.replace(/=(.)/, (_, first: string) => `=${first === "e" ? "f" : "e"}`);
    const tries: [string, Promise<Response>, number][] = [
      ["no token", form(path, cookie, {}), 403],
      ["another token", form(path, cookie, { csrf: csrf.replace(/^./, "_") }), 403],
      ["another site", form(path, cookie, { csrf }, { origin: "https://evil.example" }), 403],
      ["an opaque origin", form(path, cookie, { csrf }, { origin: "null" }), 403],
      ["cross-site", form(path, cookie, { csrf }, { "sec-fetch-site": "cross-site" }), 403],
      ["a changed cookie", form(path, changed, { csrf }), 401],
      ["no cookie", form(path, "", { csrf }), 401],
      ["a cookie at the API", post(`/api/v1/series/${series.id}/approve`, { cookie }), 403],
    ];
    for (const [name, answer, status] of tries) assert.equal((await answer).status, status, name);
    assert.equal(await replyState(), "held");
  });

  test("after signing in one is led to paths of this server alone", async () => {
    for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]) {
      const answer = await form("/login", "", { token: TOKEN, next });
      assert.equal(answer.headers.get("location"), "/", next);
    }
  });

  test("ten wrong tokens, by form or by header, and the address waits, with the right one too", async () => {
    for (let tries = 0; tries < 5; tries += 1) {
      assert.equal((await signIn("wrong-wrong-wrong")).status, 401);
      await api.ask("/api/v1/series", { headers: { authorization: "Bearer wrong-wrong" }, status: 401 });
    }
    assert.equal((await signIn()).status, 429);
    const answer = await site.get("/api/v1/series", bearer);
    assert.deepEqual([answer.status, answer.headers.get("retry-after")], [429, "600"]);
    assert.equal((await site.get("/")).status, 200, "reading goes on");
  });
});

describe("a server without tokens", { skip: noRedis, timeout: 60_000 }, () => {
  test("shows everything and changes nothing", async (context) => {
    const site = await startSite({ web: { port: 0 } });
    context.after(() => site.close());
    const series = await deliverDemo(site);
    for (const headers of [{}, bearer, { authorization: "Bearer " }]) {
      const answer = await fetch(`${site.url}/api/v1/series/${series.id}/approve`, {
        method: "POST",
        headers,
      });
      assert.equal(answer.status, 401);
      assert.match(await answer.text(), /no tokens set up|web\.tokens is empty/);
    }
    const login = await site.text("/login");
    assert.match(login, /Nothing can be changed here/);
    assert.doesNotMatch(login, /type="password"/);
    assert.equal((await site.get("/queues")).status, 401);
    assert.equal((await findReply(site.redis.db, series.key))?.value.state, "held");
  });
});
