// `npm run test:mutation -- [ROOM|FILE…]`: changes the model and the interception room in small ways and runs their
// tests; each change that no test notices and that docs/mutants.md does not list is printed, and the score of every
// file that was ever run. Fails below 90 % of a room. FILE:LINE-LINE is a part of a file, of which no score is kept.
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { resolve } from "node:path";

/** Stryker changes files in place: a copy of what git knows, without real kernels, each of which takes seconds. */
const COPY = ".cache/mutation";
const STRYKER = resolve("test/mutation/node_modules/@stryker-mutator/core/bin/stryker.js");
/** What came out for each file when it was last run. */
const KEPT = ".cache/mutants.json";
/** Where survivors are listed, each with its reason. */
const LISTED = "docs/mutants.md";
const ROOMS = ["model", "interception"];
const LEAST = 90;

const wanted = process.argv.slice(2);
const files = (wanted.length > 0 ? wanted : ROOMS).map((name) =>
  ROOMS.includes(name) ? `src/${name}/**/*.ts` : name,
);

/** Lines of a file alone: nothing of it is kept. */
const parts = wanted.some((name) => /:\d/.test(name));
const rooms = ROOMS.filter((room) => files.some((file) => file.startsWith(`src/${room}/`)));

function makeCopy() {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  execFileSync("tar", ["-c", "--null", "--ignore-failed-read", "-T", "-", "-f", `${COPY}/all.tar`], {
    input: list,
  });
  execFileSync("tar", ["-x", "-f", "all.tar"], { cwd: COPY });
  symlinkSync(resolve("node_modules"), `${COPY}/node_modules`);
}

/** Each test file in one piece, so that it is loaded in no time. */
const BUNDLE = `import { build } from "esbuild";
import { readdirSync } from "node:fs";
const testsOf = (room) => readdirSync("test/" + room).filter((file) => file.endsWith(".test.ts"));
await build({
  entryPoints: Object.fromEntries(
    ${JSON.stringify(rooms)}.flatMap((room) => testsOf(room).map((file) => [room + "-" + file, "test/" + room + "/" + file])),
  ),
  bundle: true, outdir: "bundles", outExtension: { ".js": ".cjs" }, platform: "node", format: "cjs",
  packages: "external", logLevel: "error", logOverride: { "empty-import-meta": "silent" },
  alias: { "node:test": "./test/mutation/node-test.mjs" },
  define: { "import.meta.dirname": "__dirname", "import.meta.url": "__url" },
});
`;

const settings = {
  testRunner: "bundles",
  plugins: [resolve("test/mutation/runner.mjs")],
  buildCommand: "node bundle.mjs",
  mutate: files,
  coverageAnalysis: "perTest",
  concurrency: 2,
  inPlace: true,
  disableTypeChecks: true,
  timeoutMS: 5000,
  timeoutFactor: 1,
  reporters: ["json", "progress-append-only"],
  jsonReporter: { fileName: "mutation.json" },
  thresholds: { high: 95, low: LEAST, break: null },
};

if (!existsSync(STRYKER))
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--prefix", "test/mutation"], { stdio: "ignore" });
makeCopy();
writeFileSync(`${COPY}/bundle.mjs`, BUNDLE);
writeFileSync(`${COPY}/stryker.json`, JSON.stringify(settings));
const { status } = spawnSync(process.execPath, [STRYKER, "run", "stryker.json"], {
  cwd: COPY,
  stdio: ["ignore", 2, 2],
});
if (status !== 0) process.exit(1);
const ran = keep(JSON.parse(readFileSync(`${COPY}/mutation.json`, "utf8")).files);
const scores = parts ? [] : rooms.map(printRoom);
const unlisted = printDifferences(ran);
process.exit(unlisted === 0 && scores.every((score) => score >= LEAST) ? 0 : 1);

/** Keeps what came out for each file of this run, by file, and gives it. */
function keep(reports) {
  const named = wanted.filter((name) => !ROOMS.includes(name));
  // a file of types alone has nothing to change and is in no report
  for (const file of [
    ...named,
    ...rooms.filter((room) => files.includes(`src/${room}/**/*.ts`)).flatMap(filesOf),
  ])
    if (existsSync(file)) reports[file] ??= { source: readFileSync(file, "utf8"), mutants: [] };
  const results = {};
  for (const [file, { source, mutants }] of Object.entries(reports)) {
    const changes = mutants.map(({ location, replacement, status: end }) => {
      const change = `${file}: ${changeOf(source, location, replacement)}`;
      return { line: location.start.line, end, change };
    });
    results[file] = { source, changes };
  }
  if (!parts) writeFileSync(KEPT, JSON.stringify({ ...kept(), ...results }));
  return results;
}

function kept() {
  return existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, "utf8")) : {};
}

function filesOf(room) {
  return readdirSync(`src/${room}`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `src/${room}/${name}`)
    .sort();
}

/** The text and what it was exchanged for, on one line. */
function changeOf(source, { start, end }, replacement) {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = lines[last].slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  const short = (text) => text.replace(/\s+/g, " ").slice(0, 80);
  return `\`${short(lines.join(" "))}\` -> \`${short(replacement)}\``;
}

function isLeft({ end }) {
  return end === "Survived" || end === "NoCoverage";
}

/** The table of a room, of this run and earlier ones; gives the score of what is known of its files as they are now. */
function printRoom(room) {
  const known = kept();
  const isKnown = (file) => known[file]?.source === readFileSync(file, "utf8");
  const counts = filesOf(room)
    .filter(isKnown)
    .map((file) => countOf(file, known[file].changes));
  const all = { name: `${room} as a whole` };
  for (const key of ["changes", "noticed", "late", "left"])
    all[key] = counts.reduce((total, one) => total + one[key], 0);
  console.log("\n| file | changes | noticed | of these by the time | left | score |");
  console.log("| --- | --: | --: | --: | --: | --: |");
  for (const one of [...counts.filter(({ changes }) => changes > 0), all]) {
    const { name, changes, noticed, late, left } = one;
    console.log(`| ${name} | ${changes} | ${noticed} | ${late} | ${left} | ${percent(one).toFixed(1)} % |`);
  }
  const missing = filesOf(room).filter((file) => !isKnown(file));
  if (missing.length > 0) console.log(`\nnot run as they are now: ${missing.join(" ")}`);
  return percent(all);
}

function countOf(name, changes) {
  const left = changes.filter(isLeft).length;
  const late = changes.filter(({ end }) => end === "Timeout").length;
  const noticed = late + changes.filter(({ end }) => end === "Killed").length;
  return { name, changes: noticed + left, noticed, late, left };
}

function percent({ changes, noticed }) {
  return changes === 0 ? 100 : (100 * noticed) / changes;
}

/** Survivors of this run that are not listed with their reason, and what is listed of its files and was noticed. */
function printDifferences(results) {
  const listed = readFileSync(LISTED, "utf8")
    .split("\n")
    .flatMap((line) => (line.startsWith("- src/") ? [line.slice(2)] : []));
  let unlisted = 0;
  for (const { line, change } of Object.values(results).flatMap(({ changes }) => changes.filter(isLeft))) {
    const at = listed.indexOf(change);
    if (at >= 0) listed.splice(at, 1);
    else unlisted += 1;
    if (at < 0) console.log(`not in ${LISTED}, line ${line}: ${change}`);
  }
  if (parts) return unlisted;
  for (const change of listed.filter((one) => results[one.slice(0, one.indexOf(": "))]))
    console.log(`in ${LISTED}, but noticed: ${change}`);
  return unlisted;
}
