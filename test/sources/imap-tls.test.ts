import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { noDovecot, startDovecot, type Certificate, type Dovecot } from "./dovecot.ts";
import { mail } from "./reading.ts";

const noOpenssl = spawnSync("openssl", ["version"]).status === 0 ? false : "no openssl on this machine";
/** An address of the loopback that does not look like one, as the servers that TLS is for. */
const ELSEWHERE = "127.1";

describe("IMAP over TLS (Dovecot)", { skip: noDovecot || noOpenssl, timeout: 120_000 }, () => {
  let dir: string;
  let certificate: Certificate;
  let secure: Dovecot;
  let plain: Dovecot;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "avt-"));
    certificate = makeCertificate(dir);
    secure = await startDovecot(certificate);
    plain = await startDovecot();
    for (const server of [secure, plain]) server.deliver(mail("a@x"));
  });
  after(async () => {
    await Promise.all([secure, plain].map((server) => server.stop()));
    rmSync(dir, { recursive: true });
  });

  /** With the test's certificate among those that are trusted, or without it. */
  async function read(url: string, trusted: boolean): Promise<string> {
    const env = { ...process.env, ...(trusted ? { NODE_EXTRA_CA_CERTS: certificate.cert } : {}) };
    const script = fileURLToPath(new URL("read-imap.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", script, url, "INBOX"],
      { env },
    );
    return stdout.trim();
  }

  test("imaps reads behind a certificate that is trusted", async () => {
    assert.equal(await read(`imaps://reader:any@127.0.0.1:${secure.tlsPort}/`, true), "a@x");
  });

  test("imaps refuses a certificate that is not", async () => {
    const answer = await read(`imaps://reader:any@127.0.0.1:${secure.tlsPort}/`, false);
    assert.match(answer, /^refused: IMAP 127\.0\.0\.1:\d+: DEPTH_ZERO_SELF_SIGNED_CERT: /);
  });

  test("imap upgrades to TLS before it logs in on another host", async () => {
    assert.equal(await read(`imap://reader:any@${ELSEWHERE}:${secure.port}/`, true), "a@x");
    assert.match(await read(`imap://reader:any@${ELSEWHERE}:${secure.port}/`, false), /^refused: /);
  });

  test("imap to another host without TLS is refused; on loopback it is not", async () => {
    const answer = await read(`imap://reader:any@${ELSEWHERE}:${plain.port}/`, true);
    assert.match(answer, /^refused: IMAP 127\.1:\d+: .*STARTTLS/);
    assert.equal(await read(plain.url, true), "a@x");
  });
});

function makeCertificate(dir: string): Certificate {
  const certificate = { cert: join(dir, "cert.pem"), key: join(dir, "key.pem") };
  const names = `subjectAltName=IP:127.0.0.1,DNS:${ELSEWHERE}`;
  const kind = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=avicbot test"];
  const files = ["-keyout", certificate.key, "-out", certificate.cert];
  const { status, stderr } = spawnSync("openssl", ["req", ...kind, "-addext", names, ...files]);
  if (status !== 0) throw new Error(stderr.toString());
  return certificate;
}
