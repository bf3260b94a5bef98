/** What docker-compose.yml and the Dockerfile promise, as far as reading them tells. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { VERBS } from "../../src/cli/verbs.ts";
import { loadConfig } from "../../src/config.ts";
import { packagePath } from "../../src/package-root.ts";

interface Container {
  readonly command?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly profiles?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly build?: string;
}

const read = (path: string) => readFileSync(packagePath(path), "utf8");
const compose = parse(read("docker-compose.yml"), { merge: true }) as {
  services: Record<string, Container>;
  volumes: Record<string, unknown>;
};
const own = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);
const dockerfile = read("Dockerfile");

test("every role is a verb with settings that avicbot takes, on a read-only root without capabilities", () => {
  assert.deepEqual(
    own.map(([name]) => name),
    ["watch", "work", "web", "try"],
  );
  for (const [name, container] of own) {
    assert.ok((container.command?.[0] ?? "") in VERBS, name);
    const config = loadConfig({ environment: container.environment ?? {} });
    assert.match(config.redisUrl ?? "", /^redis:\/\/redis:6379/);
    assert.equal(container.read_only, true, name);
    assert.deepEqual(container.cap_drop, ["ALL"], name);
  }
});

test("Redis keeps what it took on a volume, and refuses before it forgets", () => {
  const { command = [], volumes = [] } = compose.services["redis"] ?? {};
  const setting = (name: string) => command[command.indexOf(`--${name}`) + 1];
  assert.deepEqual(["appendonly", "appendfsync", "maxmemory-policy", "aof-load-truncated"].map(setting), [
    "yes",
    "always",
    "noeviction",
    "no",
  ]);
  const [volume = ""] = (volumes[0] ?? "").split(":");
  assert.ok(volume in compose.volumes);
});

test("every service that stays is checked, the web server by the image", () => {
  for (const name of ["redis", "watch", "work"]) assert.ok(compose.services[name]?.healthcheck, name);
  assert.match(dockerfile, /^HEALTHCHECK [^]*\/healthz/m);
});

test("the image runs as an unprivileged user, and everything it copies is there", () => {
  assert.equal(/^USER (?<user>\w+)$/m.exec(dockerfile)?.groups?.["user"], "node");
  assert.ok(dockerfile.indexOf("USER node") > dockerfile.lastIndexOf("RUN "));
  for (const [, sources = ""] of dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm))
    for (const source of sources.split(" ")) assert.ok(existsSync(packagePath(source)), source);
  assert.match(dockerfile, /npm ci --ignore-scripts/);
});

test("files of this repository that are mounted are there", () => {
  const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes);
  for (const path of mounted.filter((volume) => volume.startsWith("./contrib/")))
    assert.ok(existsSync(packagePath(path.split(":")[0] ?? "")), path);
});
