import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { newRecord } from "../../src/reply/outbox/record.ts";
import { readStop } from "../../src/store/mutes.ts";
import { addReply, findReply } from "../../src/store/replies.ts";
import { replaceSeries, seriesKey } from "../../src/store/series.ts";
import { runVerb } from "../cli/in-process.ts";
import { aSeries } from "../store/samples.ts";
import { noRedis, startTestRedis, type TestRedis } from "../store/test-redis.ts";

describe("the verbs of the outbox", { skip: noRedis }, () => {
  let server: TestRedis;
  let config: string;
  before(async () => {
    server = await startTestRedis();
    config = join(server.dataDir, "config.json");
    writeFileSync(config, JSON.stringify({ redisUrl: server.url, log: { level: "silent" } }));
    const series = aSeries({ id: "cover@x" });
    await replaceSeries(server.db, [], [series]);
    const record = newRecord({
      key: series.key,
      kind: "reply",
      series: series.key,
      thread: "cover@x",
      messageId: "avicbot.1@bots.example.net",
      bytes: Buffer.from("Subject: Re: x\r\n\r\ntable\r\n"),
      sender: "avicbot@bots.example.net",
      recipients: ["a@x", "kvm@vger.kernel.org"],
      state: "held",
      reason: "mode hold: a person decides",
      now: server.db.time,
    });
    await addReply(server.db, record);
  });
  after(() => server.stop());

  function run(...args: string[]): ReturnType<typeof runVerb> {
    return runVerb([...args, "--config", config]);
  }

  test("outbox lists what is there, as text and as JSON without the mail's bytes", async () => {
    const text = await run("outbox");
    assert.match(
      text.out,
      /reply +held +<avicbot\.1@bots\.example\.net> to a@x, kvm@vger\.kernel\.org: mode hold/,
    );
    const [mail] = (await run("outbox", "--json")).out.trim().split("\n");
    const { state, bytes } = JSON.parse(mail ?? "") as { state: string; bytes: number };
    assert.deepEqual([state, bytes], ["held", 25]);
  });

  test("the emergency stop and its end", async () => {
    assert.match((await run("outbox", "--stop", "wrong table")).err, /nothing is sent: wrong table/);
    assert.equal(await readStop(server.db), "wrong table");
    assert.equal((await run("outbox", "--resume")).err, "");
    assert.equal(await readStop(server.db), null);
  });

  test("approve refuses a reply whose review is gone, in one line", async () => {
    const { code, err } = await run("approve", "cover@x");
    assert.deepEqual(
      [code, err],
      [1, "avicbot: it may not be sent: its series or review is no longer kept\n"],
    );
  });

  test("an unknown id ends in one line", async () => {
    const { code, err } = await run("hold", "nobody@x");
    assert.deepEqual([code, err], [1, "avicbot: no series is known by nobody@x\n"]);
  });

  test("recipients lists, leaves out and replaces, and refuses what is no address", async () => {
    assert.equal((await run("recipients", "cover@x")).out, "a@x\nkvm@vger.kernel.org\n");
    const { out } = await run("recipients", "cover@x", "--remove", "A@x", "--json");
    const { recipients, lists } = JSON.parse(out) as Record<string, string[]>;
    assert.deepEqual([recipients, lists], [["kvm@vger.kernel.org"], ["kvm@vger.kernel.org"]]);
    const replaced = await run("recipients", "cover@x", "--replace", "kvm@vger.kernel.org=b@example.org");
    assert.equal(replaced.out, "b@example.org\n");
    assert.equal((await run("recipients", "cover@x", "--replace", "b@example.org")).code, 2);
    const gone = await run("recipients", "cover@x", "--remove", "a@x");
    assert.deepEqual([gone.code, gone.err], [1, "avicbot: a@x is no recipient: b@example.org\n"]);
  });

  test("mute and unmute threads and people, listing what is muted", async () => {
    assert.equal((await run("mute")).out, "");
    assert.match(
      (await run("mute", "thread", "https://lore.kernel.org/kvm/cover@x/")).out,
      / thread <cover@x>, by /,
    );
    const both = (await run("mute", "person", "Ann@example.org", "--json")).out.trim().split("\n");
    assert.deepEqual(
      both.map((line) => (JSON.parse(line) as { name: string }).name),
      ["Ann@example.org", "cover@x"],
    );
    assert.doesNotMatch((await run("unmute", "person", "ann@example.org")).out, /person/);
    assert.equal((await run("unmute", "thread", "<p1@x>")).out, "", "by the id of any part");
    for (const words of [["thread"], ["person", "nobody"], ["list", "kvm@vger.kernel.org"]])
      assert.equal((await run("mute", ...words)).code, 2, words.join(" "));
  });

  const wrong: [string[], number, string][] = [
    [[], 2, "avicbot: name one or more Message-IDs, or --all\n"],
    [["cover@x", "--all"], 2, "avicbot: name one or more Message-IDs, or --all\n"],
    [["nobody@x"], 1, "avicbot: no series is known by nobody@x: `avicbot pending --state all` lists them\n"],
  ];
  for (const [args, exit, line] of wrong) {
    test(`correct ${args.join(" ")}: one line that says what to do`, async () => {
      const { code, err } = await run("correct", ...args);
      assert.deepEqual([code, err], [exit, line]);
    });
  }

  test("correct says of a reply that is not out that nothing was said", async () => {
    assert.equal((await run("correct", "cover@x")).out, "<cover@x>: no reply went out\n");
    const { code, out } = await run("correct", "cover@x", "--json");
    const view = { series: "cover@x", outcome: "unsaid", text: "no reply went out" };
    assert.deepEqual([code, JSON.parse(out)], [0, { ...view, difference: "", messageId: null, state: null }]);
    assert.deepEqual(await run("correct", "--all"), { code: 0, out: "", err: "" });
  });

  test("ignore drops the reply, by the id of the reply itself", async () => {
    const { out } = await run("ignore", "<avicbot.1@bots.example.net>", "--json");
    assert.equal((JSON.parse(out) as { state: string }).state, "dropped");
    assert.equal((await findReply(server.db, seriesKey("cover@x")))?.value.state, "dropped");
  });
});
