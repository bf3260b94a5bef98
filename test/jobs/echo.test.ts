import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { findReply, listReplies } from "../../src/store/replies.ts";
import { stateOf } from "../../src/store/series.ts";
import { noRedis } from "../store/test-redis.ts";
import type { Harness } from "./harness.ts";
import { arriveReviewed, sendAll, useServers, versionId, versionMail, withOtherWrite } from "./reviewed.ts";

describe("own mails that come back by a source", { skip: noRedis }, () => {
  const servers = useServers();
  let harness: Harness;
  before(async () => {
    harness = await servers.start();
  });

  const other = withOtherWrite("HW");
  const own = () => servers.smtp.taken.map(({ bytes }) => bytes.toString("latin1"));

  /** v1, v2 with other rows and v3 with those of v2: what the list has at the end. */
  async function threeVersions(): Promise<string[]> {
    await arriveReviewed(harness, 1);
    await sendAll(harness, servers.smtp);
    await arriveReviewed(harness, 2, { parts: other });
    await sendAll(harness, servers.smtp);
    await arriveReviewed(harness, 3, { parts: other });
    return own();
  }

  async function states(): Promise<string[]> {
    const found = await Promise.all([1, 2, 3].map((version) => harness.find(versionId(version))));
    return found.map((series) => (series === null ? "unknown" : stateOf(series)));
  }

  test("a reply that was sent is known to be on the list", async () => {
    const { record } = await arriveReviewed(harness, 1);
    await sendAll(harness, servers.smtp);
    await harness.deliver(own()[0] ?? "", "imap kvm");
    const reply = (await findReply(servers.server.db, record?.key ?? ""))?.value;
    assert.deepEqual([reply?.state, reply?.reason], ["echoed", "imap kvm, here"]);
  });

  for (const order of ["replies after their patches", "replies first"]) {
    test(`with all records lost, the list read again leads to the same states: ${order}`, async () => {
      const replies = await threeVersions();
      assert.equal(replies.length, 2);
      const before = await states();
      await servers.server.redis.flushdb();
      servers.smtp.taken.length = 0;
      if (order === "replies first") for (const mail of replies) await harness.deliver(mail);
      await harness.deliver(versionMail(1));
      await harness.deliver(versionMail(2));
      if (order !== "replies first") for (const mail of replies) await harness.deliver(mail);
      await arriveReviewed(harness, 1);
      await arriveReviewed(harness, 2, { parts: other });
      const third = await arriveReviewed(harness, 3, { parts: other });
      await sendAll(harness, servers.smtp);
      assert.deepEqual(await states(), before);
      assert.equal(third.outcome, "none: same-rows");
      assert.equal(servers.smtp.taken.length, 0);
      const records = await listReplies(servers.server.db);
      assert.deepEqual(
        records.map(({ state }) => state),
        ["echoed", "echoed"],
      );
    });
  }

  test("a mail that only says that it is avicbot's, or that answers somebody else, changes nothing", async () => {
    const { record } = await arriveReviewed(harness, 1);
    const mail = (record?.mail ?? "").replace(/\r\n/g, "\n");
    await harness.deliver(mail.replace(/^From: .*$/m, "From: avicbot <eve@example.com>"));
    await harness.deliver(mail.replace(/^Message-ID: .*$/m, "Message-ID: <other@bots.example.net>"));
    await harness.deliver(
      mail
        .replace(/^Message-ID: .*$/m, "Message-ID: <avicbot.0@bots.example.net>")
        .replace(/^In-Reply-To: .*$/m, "In-Reply-To: <other@example.org>"),
    );
    assert.equal((await findReply(servers.server.db, record?.key ?? ""))?.value.state, "intent");
  });

  test("a reply that waits for a person is not sent when it is on the list already", async () => {
    const [mail = ""] = await threeVersions();
    await servers.server.redis.flushdb();
    servers.smtp.taken.length = 0;
    await arriveReviewed(harness, 1);
    await harness.deliver(mail);
    await sendAll(harness, servers.smtp);
    assert.equal(servers.smtp.taken.length, 0);
    assert.deepEqual((await states())[0], "replied");
  });
});
