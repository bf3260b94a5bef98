/**
 * Runs the bundled tests for Stryker, many mutants in one process. Modules are loaded anew only where a mutant changes
 * what loading does, and where they keep what one mutant has left for the next: what is compiled stays fast.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { INSTRUMENTER_CONSTANTS } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { DryRunStatus, TestStatus, toMutantRunResult } from "@stryker-mutator/api/test-runner";
import { determineHitLimitReached } from "@stryker-mutator/api/test-runner";

const BUNDLES = "bundles";
/**
 * What was found out without a mutant: how long each test takes, as quick ones go first, how often it reaches what a
 * mutant changes, and what loading reaches.
 */
const FOUND = "bundles/found.json";
/** Bundles that are loaded for each mutant, and for each test without one: the model keeps what it has compared. */
const FRESH = "model-";

/** A test that reaches its mutant this often, as times of what is usual and beside it, is one without end. */
const ENDLESS = { times: 100, beside: 1000 };

/** What the changed code and the runner tell each other by. */
const shared = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});

class BundleRunner {
  #scripts = new Map();
  #loaded = new Map();
  #found = null;

  capabilities() {
    return { reloadEnvironment: true };
  }

  init() {
    const require = createRequire(resolve("package.json"));
    // the same values of every property for every mutant
    require("fast-check").configureGlobal({ seed: 1 });
    for (const name of readdirSync(BUNDLES).filter((file) => file.endsWith(".cjs"))) {
      const filename = resolve(BUNDLES, name);
      const parameters = "exports, require, module, __filename, __dirname, __url";
      const code = `(function (${parameters}) {${readFileSync(filename, "utf8")}\n})`;
      const load = () => {
        const start = new Script(code, { filename }).runInThisContext();
        start({}, require, {}, filename, resolve("test"), pathToFileURL(resolve("test", name)).href);
      };
      this.#scripts.set(name, load);
    }
  }

  /** The tests of one bundle, its modules loaded anew. */
  #load(name) {
    const tests = [];
    globalThis.collectTest = (test) => tests.push({ ...test, id: `${name}: ${test.name}`, file: name });
    this.#scripts.get(name)();
    return tests.filter(({ skip }) => !skip);
  }

  /** What loading does counts as every test's of the bundle: a mutant may change it. */
  async dryRun() {
    const tests = [];
    const perTest = {};
    const atLoad = new Set();
    for (const name of this.#scripts.keys()) {
      let loaded = this.#loadCovered(name);
      for (const { id } of loaded.tests) {
        if (perTest[id]) throw new Error(`two tests are called ${id}`);
        if (name.startsWith(FRESH)) loaded = this.#loadCovered(name);
        const cover = { ...loaded.cover };
        for (const mutant of Object.keys(cover)) atLoad.add(mutant);
        Object.assign(shared, { currentTestId: id });
        shared.mutantCoverage.perTest[id] = cover;
        tests.push(await runTest(loaded.tests.find((test) => test.id === id)));
        perTest[id] = cover;
      }
    }
    const times = Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]));
    writeFileSync(FOUND, JSON.stringify({ times, hits: perTest, atLoad: [...atLoad] }));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest } };
  }

  /** Loads a bundle and counts what that reaches. */
  #loadCovered(name) {
    const { static: cover } = (shared.mutantCoverage = { static: {}, perTest: {} });
    delete shared.currentTestId;
    return { tests: this.#load(name), cover };
  }

  async mutantRun({ activeMutant, testFilter }) {
    this.#found ??= JSON.parse(readFileSync(FOUND, "utf8"));
    const { times, hits, atLoad } = this.#found;
    shared.activeMutant = activeMutant.id;
    delete shared.mutantCoverage;
    const order = [...(testFilter ?? Object.keys(times))].sort((a, b) => times[a] - times[b]);
    const loaded = this.#kept(atLoad.includes(activeMutant.id));
    const tests = [];
    for (const id of order) {
      const hitLimit = ENDLESS.times * (hits[id][activeMutant.id] ?? 0) + ENDLESS.beside;
      Object.assign(shared, { hitLimit, hitCount: 0 });
      tests.push(await this.#runLoaded(id, loaded));
      const late = determineHitLimitReached(shared.hitCount, hitLimit);
      if (late) return toMutantRunResult(late);
      if (tests.at(-1).status === TestStatus.Failed) break;
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests });
  }

  /** The tests of the bundles that need not be loaded anew, to be added to. */
  #kept(changesLoading) {
    if (changesLoading) return new Map();
    for (const name of this.#loaded.keys()) if (name.startsWith(FRESH)) this.#loaded.delete(name);
    return this.#loaded;
  }

  async #runLoaded(id, loaded) {
    const start = performance.now();
    const name = id.slice(0, id.indexOf(": "));
    try {
      if (!loaded.has(name)) loaded.set(name, new Map(this.#load(name).map((test) => [test.id, test])));
    } catch (error) {
      return failed(id, error, start);
    }
    const test = loaded.get(name).get(id);
    return test ? runTest(test, start) : failed(id, new Error("the test is gone"), start);
  }
}

async function runTest({ id, run }, start = performance.now()) {
  try {
    await run({ skip() {} });
    return { ...about(id, start), status: TestStatus.Success };
  } catch (error) {
    return failed(id, error, start);
  }
}

function failed(id, error, start) {
  return { ...about(id, start), status: TestStatus.Failed, failureMessage: String(error) };
}

function about(id, start) {
  return { id, name: id, timeSpentMs: performance.now() - start };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "bundles", BundleRunner)];
