import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { describeProgram } from "../../src/cli/describe.ts";
import { processIo } from "../../src/cli/io.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { configFrom } from "../../src/config.ts";
import { packagePath } from "../../src/package-root.ts";

const text = readFileSync(packagePath("docs", "architecture.md"), "utf8");

function roomsInDocument(): string[] {
  const table = /\n\| room [^\n]*\n\|[ |-]+\n(?<rows>(?:\|[^\n]*\n)+)/.exec(text)?.groups?.["rows"] ?? "";
  return [...table.matchAll(/^\| `(?<room>[a-z0-9]+)`/gm)].map((row) => row.groups?.["room"] ?? "");
}

test("the document lists the rooms there are, in the order in which they may import", () => {
  const { forbidden } = createRequire(import.meta.url)(packagePath(".dependency-cruiser.cjs")) as {
    forbidden: { name: string }[];
  };
  const checked = forbidden.flatMap(
    ({ name }) => /^(?<room>\w+)-imports-only-former-rooms$/.exec(name)?.groups?.["room"] ?? [],
  );
  assert.deepEqual(roomsInDocument(), checked);
  const folders = readdirSync(packagePath("src"), { withFileTypes: true }).filter((one) => one.isDirectory());
  assert.deepEqual(roomsInDocument().toSorted(), folders.map(({ name }) => name).toSorted());
});

test("every path that the documents name is there", () => {
  for (const document of ["architecture.md", "model.md", "operating.md", "performance.md"]) {
    const named = readFileSync(packagePath("docs", document), "utf8").matchAll(
      /`(?<path>(?:src|test|jobs|templates|bench|demo|scripts)\/[^`*]*)`/g,
    );
    for (const { groups } of named) {
      const path = groups?.["path"] ?? "";
      // what a benchmark leaves is no part of the repository
      if (path.startsWith("bench/results/")) continue;
      assert.ok(existsSync(packagePath(path)), `${document}: ${path}`);
    }
  }
});

const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...readdirSync(packagePath("docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

test("the picture of the architecture has every room", () => {
  const picture = /```\n(?<lines>[^`]*)```/.exec(text)?.groups?.["lines"] ?? "";
  for (const room of roomsInDocument()) assert.match(picture, new RegExp(`\\b${room}\\b`), room);
});

test("every link of the documents leads to a file that is there", () => {
  for (const page of PAGES) {
    for (const { groups } of readFileSync(packagePath(page), "utf8").matchAll(/\]\((?<to>[^)#]+)[^)]*\)/g)) {
      const to = groups?.["to"] ?? "";
      if (!/^\w+:/.test(to)) assert.ok(existsSync(join(dirname(packagePath(page)), to)), `${page}: ${to}`);
    }
  }
});

test("every command that the documents show is a verb, and its options are the verb's", async () => {
  const { verbs } = describeProgram(await buildProgram(["man"], processIo(), () => undefined));
  for (const page of PAGES) {
    const shown = readFileSync(packagePath(page), "utf8").matchAll(
      /(?<!\w)avicbot (?<verb>[a-z]+)(?<rest>(?: [^\n`|;#]*)?)/g,
    );
    for (const { groups } of shown) {
      const [whole, words] = [groups?.["verb"] ?? "", groups?.["rest"] ?? ""];
      const verb = verbs.find(({ name }) => name === whole);
      // in prose a word that is no verb follows the name
      if (verb === undefined) continue;
      const known = verb.options.flatMap(({ names }) => names);
      for (const [option] of words.matchAll(/(?<= )--[a-z-]+/g))
        assert.ok(known.includes(option), `${page}: ${whole} ${option}`);
    }
  }
});

test("the settings that the documents show are taken", () => {
  for (const document of ["README.md", "docs/operating.md"]) {
    const blocks = [...readFileSync(packagePath(document), "utf8").matchAll(/```json\n(?<json>[^`]*)```/g)];
    assert.ok(blocks.length > 0, document);
    for (const { groups } of blocks)
      assert.ok(configFrom(JSON.parse(groups?.["json"] ?? "") as Record<string, unknown>).sources.length > 0);
  }
});

test("every promise names tests that there are", () => {
  const lines = readFileSync(packagePath("docs", "promises.md"), "utf8").matchAll(
    /^- `(?<file>test\/[^`]+)`: (?<title>[^\n]+(?:\n {2}[^\n]+)*)/gm,
  );
  const named = [...lines].map(({ groups }) => groups ?? {});
  assert.ok(named.length > 20);
  for (const { file = "", title = "" } of named) {
    const text = readFileSync(packagePath(file), "utf8");
    assert.ok(text.includes(title.replace(/\s+/g, " ")), `${file}: ${title}`);
  }
});
