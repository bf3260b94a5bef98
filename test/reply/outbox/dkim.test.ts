import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { composeBytes } from "../../../src/reply/outbox/compose.ts";
import { loadSigner } from "../../../src/reply/outbox/dkim.ts";
import { replyEnvelope } from "../../../src/reply/envelope.ts";
import { sampleReview } from "../../review/sample.ts";
import { sampleOptions, sampleTarget } from "../target.ts";

const dir = mkdtempSync(join(tmpdir(), "avd-"));
after(() => rmSync(dir, { recursive: true, force: true }));

function keyFile(name: string, pem: string): { domain: string; selector: string; keyFile: string } {
  const path = join(dir, name);
  writeFileSync(path, pem);
  return { domain: "bots.example.net", selector: "s1", keyFile: path };
}

const rsa = generateKeyPairSync("rsa", {
  modulusLength: 1024,
  publicKeyEncoding: { type: "spki", format: "der" },
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
});

test("a reply is signed so that it verifies, and signing it again gives the same bytes", async () => {
  const made = replyEnvelope(sampleReview(), sampleTarget(), sampleOptions());
  assert.ok(made.ok);
  const signer = loadSigner(keyFile("rsa.pem", rsa.privateKey));
  const body = `caf\u00e9\n\t${"| 0x811 ".repeat(20)}|\n.\nend\n`;
  const signed = await composeBytes(made.envelope, body, signer);
  assert.deepEqual(await composeBytes(made.envelope, body, signer), signed);
  const { results } = await dkimVerify(Buffer.from(signed), {
    resolver: (name) =>
      Promise.resolve(
        name === "s1._domainkey.bots.example.net"
          ? [[`v=DKIM1; k=rsa; p=${rsa.publicKey.toString("base64")}`]]
          : [],
      ),
  });
  assert.deepEqual(
    results.map(({ status }) => [status.result, status.aligned]),
    [["pass", "bots.example.net"]],
  );
});

const pem = { type: "pkcs8", format: "pem" } as const;
const refused: [string, string, RegExp][] = [
  [
    "an Ed25519 key",
    generateKeyPairSync("ed25519").privateKey.export(pem).toString(),
    /ed25519, not RSA; make one/,
  ],
  [
    "a short RSA key",
    generateKeyPairSync("rsa", { modulusLength: 512 }).privateKey.export(pem).toString(),
    /shorter than 1024/,
  ],
  ["no key", "hello", /mail\.dkim\.keyFile .*other\.pem: /],
];
for (const [name, text, message] of refused) {
  test(`${name} is refused before anything is sent`, () => {
    assert.throws(() => loadSigner(keyFile("other.pem", text)), { message });
  });
}
