// `npm run test:mutation -- [FILE…]`: changes the model and the interception room in small ways and runs their tests;
// each change that no test notices is printed. Without a FILE of src/ it takes an hour or more. FILE:LINE-LINE is a part.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

/** Stryker changes files in place: a copy of what git knows. */
const COPY = ".cache/mutation";
const STRYKER = resolve("test/mutation/node_modules/@stryker-mutator");
/** Where survivors are listed, each with its reason. */
const LISTED = "docs/mutants.md";
const ROOMS = ["model", "interception"];
/** Tests of real kernels, which take seconds each; what the others leave is rarely noticed by them. */
const SLOW = ["derived-evaluation", "derived-patches"];

const wanted = process.argv.slice(2);
const files = wanted.length > 0 ? wanted : ROOMS.map((room) => `src/${room}/**/*.ts`);

function makeCopy() {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  const list = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  execFileSync("tar", ["-c", "--null", "--ignore-failed-read", "-T", "-", "-f", `${COPY}/all.tar`], {
    input: list,
  });
  execFileSync("tar", ["-x", "-f", "all.tar"], { cwd: COPY });
  for (const name of ["node_modules", ".cache/linux-6.1", ".cache/linux-6.12"]) {
    mkdirSync(`${COPY}/.cache`, { recursive: true });
    if (existsSync(name)) symlinkSync(resolve(name), `${COPY}/${name}`);
  }
}

/** Bundled once, so that a test starts in a tenth of the time. */
const BUNDLE = `import { build } from "esbuild";
import { readdirSync } from "node:fs";
const slow = ${JSON.stringify(SLOW.map((name) => `${name}.test.ts`))};
const entryPoints = ${JSON.stringify(ROOMS)}.flatMap((room) =>
  readdirSync("test/" + room).filter((file) => file.endsWith(".test.ts") && !slow.includes(file)).map((file) => "test/" + room + "/" + file));
await build({ entryPoints, bundle: true, outdir: "test", outbase: "test", outExtension: { ".js": ".mjs" }, platform: "node", format: "esm", packages: "external", logLevel: "error" });
`;

const rooms = ROOMS.filter((room) => files.some((file) => file.startsWith(`src/${room}/`)));
const settings = {
  testRunner: "tap",
  plugins: [`${STRYKER}/tap-runner/dist/src/index.js`],
  tap: {
    testFiles: rooms.map((room) => `test/${room}/*.test.mjs`),
    nodeArgs: ["-r", "{{hookFile}}", "{{testFile}}"],
  },
  buildCommand: "node bundle.mjs",
  mutate: files,
  coverageAnalysis: "perTest",
  concurrency: 2,
  inPlace: true,
  disableTypeChecks: true,
  timeoutMS: 8000,
  reporters: ["clear-text", "json", "progress-append-only"],
  jsonReporter: { fileName: "mutation.json" },
  clearTextReporter: { allowColor: false, logTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};

execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--prefix", "test/mutation"], { stdio: "ignore" });
makeCopy();
writeFileSync(`${COPY}/bundle.mjs`, BUNDLE);
writeFileSync(`${COPY}/stryker.json`, JSON.stringify(settings));
const { status } = spawnSync(process.execPath, [`${STRYKER}/core/bin/stryker.js`, "run", "stryker.json"], {
  cwd: COPY,
  stdio: "inherit",
});
const unknown = existsSync(`${COPY}/mutation.json`) ? unlisted() : [];
for (const line of unknown) console.log(`not in ${LISTED}: ${line}`);
process.exit(status === 0 && unknown.length === 0 ? 0 : 1);

/** Survivors that are not listed with the reason why they may survive. */
function unlisted() {
  const listed = readFileSync(LISTED, "utf8");
  const { files: reports } = JSON.parse(readFileSync(`${COPY}/mutation.json`, "utf8"));
  return Object.entries(reports).flatMap(([file, { source, mutants }]) =>
    mutants
      .filter(({ status: end }) => end === "Survived" || end === "NoCoverage")
      .map(({ location, replacement }) => `${file}: ${changeOf(source, location, replacement)}`)
      .filter((line) => !listed.includes(line)),
  );
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
