import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createImapSources } from "../../src/sources/imap.ts";
import type { Source } from "../../src/sources/source.ts";
import { startProxy, type Proxy } from "../support/proxy.ts";
import { noDovecot, startDovecot, type Dovecot } from "./dovecot.ts";
import { idsOf, mail, readAll, startReader } from "./reading.ts";

const POLL_SECONDS = 300;
/** What a command may take. */
const LIMIT_MS = 60_000;

describe("an IMAP connection that goes silent", { skip: noDovecot, timeout: 60_000 }, () => {
  let dovecot: Dovecot;
  let proxy: Proxy;
  before(async () => {
    dovecot = await startDovecot();
    proxy = await startProxy(dovecot.port);
  });
  after(async () => {
    await proxy.stop();
    await dovecot.stop();
  });

  function source(port: number): Source {
    const url = `imap://reader:any@127.0.0.1:${port}/`;
    const [found] = createImapSources({ url, folder: "INBOX", pollSeconds: POLL_SECONDS });
    assert.ok(found);
    return found;
  }

  test("is noticed by the poll beside IDLE, and the next one goes on, nothing lost", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const reader = startReader(source(proxy.port));
    dovecot.deliver(mail("a@x"));
    assert.deepEqual(idsOf((await reader.next()).messages), ["a@x"]);
    const idling = reader.next();
    const ended = assert.rejects(idling, /did not answer within 60 s|connection was closed/);
    proxy.swallow();
    dovecot.deliver(mail("b@x"));
    const asked = proxy.nextSwallowed();
    context.mock.timers.tick(POLL_SECONDS * 1000);
    await asked;
    context.mock.timers.tick(LIMIT_MS);
    await ended;
    context.mock.timers.reset();
    const later = await readAll(source(dovecot.port), { from: reader.position() });
    assert.deepEqual(idsOf(later.messages), ["b@x"]);
  });
});
