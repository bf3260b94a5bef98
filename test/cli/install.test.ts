/** The package as npm makes it, used from another place. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { packagePath } from "../../src/package-root.ts";

const dir = mkdtempSync(join(tmpdir(), "avicbot-install-"));
after(() => rmSync(dir, { recursive: true }));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

function pack(): Packed {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", dir];
  const text = execFileSync("npm", args, { cwd: packagePath(), encoding: "utf8" });
  const [packed] = JSON.parse(text) as Packed[];
  assert.ok(packed);
  return packed;
}

/** What `npm install` would put beside it: packages of the lock file that are not for development alone. */
function linkDependencies(modules: string): void {
  const lock = JSON.parse(readFileSync(packagePath("package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  for (const [path, { dev, optional }] of Object.entries(lock.packages)) {
    if (!/^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(path) || dev === true || optional === true) continue;
    const target = join(dirname(modules), path);
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(packagePath(path), target);
  }
}

test("installed elsewhere: the bin reviews its own sample, loads the settings, and brings its manual along", () => {
  const packed = pack();
  const modules = join(dir, "node_modules");
  mkdirSync(join(modules, "avicbot"), { recursive: true });
  execFileSync("tar", [
    "-xzf",
    join(dir, packed.filename),
    "-C",
    join(modules, "avicbot"),
    "--strip-components=1",
  ]);
  linkDependencies(modules);
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(modules, "avicbot", "dist", "avicbot.cjs"), ...args], {
      cwd: dir,
      encoding: "utf8",
    });
  const sample = run();
  assert.equal(sample.status, 0, sample.stderr);
  assert.match(sample.stdout, /^\| 0x802 /m);
  const doctor = run("doctor", "--config");
  assert.deepEqual([doctor.status, doctor.stderr], [0, ""]);
  const paths = packed.files.map(({ path }) => path);
  assert.ok(paths.includes("dist/avicbot.1"));
  assert.deepEqual(
    paths.filter((path) => /^(?:test|src\/c|\.cache|node_modules)\//.test(path)),
    [],
  );
});
