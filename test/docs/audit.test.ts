/** `npm run audit` against registries of our own: one that knows of a weakness, one of none, one that answers no audits. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

const PACKAGE = "eta";
const ADVISORY = {
  id: 1,
  url: "https://advisories.example.net/1",
  title: "Templates run what they are given",
  severity: "high",
  vulnerable_versions: "<99.0.0",
};

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly asked: readonly string[];
}

/** Runs the audit beside a registry that gives these advisories; null for one that takes no such request. */
async function audit(advisories: Record<string, readonly object[]> | null): Promise<Ran> {
  const asked: string[] = [];
  const registry = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method !== "POST")
        return response.end(
          JSON.stringify({
            name: decodeURIComponent((request.url ?? "/").slice(1)),
            "dist-tags": {},
            versions: {},
          }),
        );
      const body = Buffer.concat(chunks);
      const text = body[0] === 0x1f ? gunzipSync(body).toString() : body.toString();
      asked.push(...Object.keys(JSON.parse(text) as object));
      if (advisories === null) return response.writeHead(405).end();
      response.end(JSON.stringify(advisories));
    });
  });
  await once(registry.listen(0, "127.0.0.1"), "listening");
  const { port } = registry.address() as AddressInfo;
  // npm keeps what it made of an advisory, by its id
  const cache = mkdtempSync(join(tmpdir(), "avicbot-audit-"));
  const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_cache: cache };
  const child = spawn(process.execPath, ["scripts/audit.mjs"], { env });
  let out = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (out += chunk.toString()));
  const [status] = (await once(child, "close")) as [number];
  registry.close();
  rmSync(cache, { recursive: true });
  return { status, out, asked };
}

test("a known weakness of an installed package ends the audit with 1, its name and where to read of it", async () => {
  const { status, out, asked } = await audit({ [PACKAGE]: [ADVISORY] });
  assert.equal(status, 1);
  assert.match(
    out,
    /^eta .*: high: Templates run what they are given https:\/\/advisories\.example\.net\/1/m,
  );
  assert.ok(asked.includes("bullmq"), "every package is asked for");
});

const harmless: [string, Record<string, readonly object[]>, number][] = [
  ["no known weakness", {}, 0],
  ["one that is low", { [PACKAGE]: [{ ...ADVISORY, severity: "low" }] }, 1],
  ["one of a tool that users do not get", { "dependency-cruiser": [ADVISORY] }, 0],
];
for (const [name, advisories, known] of harmless)
  test(`${name}: passes`, async () => {
    const { status, out } = await audit(advisories);
    assert.deepEqual([status, out], [0, `audit: ${known} known weaknesses, 0 of them moderate or worse\n`]);
  });

test("a registry that answers no audits is told from one that knows no weakness", async () => {
  const { status, out } = await audit(null);
  assert.equal(status, 0);
  assert.match(out, /^audit: not done, the registry does not answer \(405/);
});
