/** Raw bytes to the web server: requests in requests, requests without an end, ids that are patterns. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { noRedis } from "../store/test-redis.ts";
import { deliverDemo, startSite, type Site } from "../web/site.ts";

const HOST = "Host: x\r\n";
const INNER = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
const get = (path: string, fields = "") => `GET ${path} HTTP/1.1\r\n${HOST}${fields}\r\n`;
const post = (fields: string, body: string) =>
  `POST /api/v1/series/x@y/hold HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n${fields}\r\n${body}`;

/** What is sent on one connection; the first answer's status, or null for a connection that just ends. */
const REQUESTS: readonly [string, string, readonly (number | null)[]][] = [
  [
    "Content-Length and Transfer-Encoding",
    post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", `0\r\n\r\n${INNER}`),
    [400],
  ],
  ["two Content-Lengths", post("Content-Length: 0\r\nContent-Length: 40\r\n", INNER), [400]],
  ["a negative Content-Length", post("Content-Length: -1\r\n", INNER), [400]],
  ["a Content-Length beyond all", post("Content-Length: 99999999999999999999\r\n", INNER), [400, 413]],
  ["a Content-Length with a sign", post("Content-Length: +2\r\n", "{}"), [400]],
  [
    "Transfer-Encoding with a tab",
    post("Transfer-Encoding:\tchunked\r\nContent-Length: 3\r\n", INNER),
    [400],
  ],
  ["Transfer-Encoding that is not chunked", post("Transfer-Encoding: xchunked\r\n", INNER), [400]],
  [
    "chunked that ends with identity",
    post("Transfer-Encoding: chunked, identity\r\n", `0\r\n\r\n${INNER}`),
    [400],
  ],
  ["a chunk of a size that is no number", post("Transfer-Encoding: chunked\r\n", `zz\r\n${INNER}`), [400]],
  [
    "a chunk of 2^64 bytes",
    post("Transfer-Encoding: chunked\r\n", `ffffffffffffffff1\r\n${INNER}`),
    [400, 413],
  ],
  ["a blank before the colon", get("/healthz", "Content-Length : 40\r\n"), [400]],
  ["a folded field", get("/healthz", "X: a\r\n Content-Length: 40\r\n"), [400]],
  ["NUL in a field", get("/healthz", "X: a\0b\r\n"), [400]],
  ["a bare CR in a field", get("/healthz", "X: a\rContent-Length: 40\r\n"), [400]],
  ["no host", "GET /healthz HTTP/1.1\r\n\r\n", [400]],
  ["a method that does not exist", `EVIL / HTTP/1.1\r\n${HOST}\r\n`, [400]],
  ["a version that does not exist", `GET / HTTP/9.9\r\n${HOST}\r\n`, [400, 505]],
  ["HTTP/2 without asking", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400, 505]],
  ["no HTTP at all", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03".repeat(20), [400]],
  ["a path of 64 KB", get(`/${"x".repeat(65_536)}`), [431]],
  ["a header of 64 KB", get("/healthz", `X: ${"x".repeat(65_536)}\r\n`), [431]],
  ["10,000 fields", get("/healthz", "X: y\r\n".repeat(10_000)), [431]],
  ["a body of 1 MB", post("Content-Length: 1048576\r\n", "x".repeat(1 << 20)), [401, 413, null]],
  ["a path out of the site", get("/../../etc/passwd"), [404]],
  ["an encoded path out of the site", get("/%2e%2e/%2e%2e/etc/passwd"), [404]],
  ["a broken escape", get("/r/%zz/json"), [400, 404]],
  ["NUL in the path", get("/r/%00/json"), [400, 404]],
  ["CR LF in the path", get("/r/a%0d%0aX-Evil:%201@b/json"), [400, 404]],
  ["another host's address", get("http://evil.example/r/x@y/json"), [400, 404]],
];

/** Ids that some store takes for a pattern, a command or a path. */
const IDS = [
  "*",
  "?",
  "[a-z]*",
  "%",
  "/",
  "__proto__",
  "constructor",
  "' OR 1=1 --",
  "${7*7}",
  "\n",
  "x".repeat(10_000),
  "a b@c",
  "\u202e@x",
  "*@*",
];

describe("hostile requests", { skip: noRedis, timeout: 120_000 }, () => {
  let site: Site;
  let port: number;
  before(async () => {
    site = await startSite();
    await deliverDemo(site);
    port = Number(new URL(site.url).port);
  });
  after(() => site.close());

  async function talk(bytes: string): Promise<{ socket: Socket; answer: () => string }> {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("error", () => undefined); // an end without a word is an answer, too
    await once(socket, "connect");
    socket.write(bytes, "latin1");
    return { socket, answer: () => answer };
  }

  for (const [name, bytes, wanted] of REQUESTS) {
    test(`${name}: refused once, and nothing behind it is taken for a request`, async () => {
      const { socket, answer } = await talk(bytes);
      const closed = once(socket, "close");
      await Promise.race([once(socket, "data"), closed]);
      socket.end();
      await closed;
      const statuses = [...answer().matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
      assert.ok(statuses.length <= 1, answer());
      assert.ok(wanted.includes(statuses[0] ?? null), `${statuses[0]}: ${answer().slice(0, 300)}`);
      assert.doesNotMatch(answer(), /^X-Evil/im);
      assert.doesNotMatch(answer(), /root:|stack|\.ts:/);
    });
  }

  for (const id of IDS) {
    const forms = [
      "/r/ID/json",
      "/r/ID/",
      "/r/ID/why",
      "/r/ID/txt",
      "/api/v1/reviews/ID",
      "/api/v1/series/ID",
    ];
    test(`the id ${JSON.stringify(id).slice(0, 40)} finds nothing and breaks nothing`, async () => {
      for (const form of forms) {
        const answer = await site.get(form.replace("ID", encodeURIComponent(id)));
        assert.ok([301, 302, 308, 400, 404, 414].includes(answer.status), `${form}: ${answer.status}`);
        await answer.arrayBuffer();
      }
    });
  }

  test("1,000 requests in one write are answered in order", async () => {
    const { socket, answer } = await talk(
      get("/healthz").repeat(1000) + get("/healthz", "Connection: close\r\n"),
    );
    await once(socket, "close");
    assert.equal([...answer().matchAll(/HTTP\/1\.1 200 /g)].length, 1001);
  });
});
