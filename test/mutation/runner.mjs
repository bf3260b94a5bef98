/**
 * Runs the bundled tests for Stryker, many mutants in one process. Each mutant gets freshly loaded modules, so that
 * nothing one of them has left in a module's memory is seen by the next.
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
/** How long each test took without a mutant: quick ones are run first. */
const TIMES = "bundles/times.json";

/** Bundles that are loaded for every test while it is found out what each reaches: the model keeps what it compared. */
const FRESH = "model-";

/** What the changed code and the runner tell each other by. */
const shared = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {});

class BundleRunner {
  #scripts = new Map();
  #times = null;

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
    for (const name of this.#scripts.keys()) {
      let loaded = this.#loadCovered(name);
      for (const { id } of loaded.tests) {
        if (perTest[id]) throw new Error(`two tests are called ${id}`);
        if (name.startsWith(FRESH)) loaded = this.#loadCovered(name);
        const cover = { ...loaded.cover };
        Object.assign(shared, { currentTestId: id });
        shared.mutantCoverage.perTest[id] = cover;
        tests.push(await runTest(loaded.tests.find((test) => test.id === id)));
        perTest[id] = cover;
      }
    }
    writeFileSync(
      TIMES,
      JSON.stringify(Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))),
    );
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest } };
  }

  /** Loads a bundle and counts what that reaches. */
  #loadCovered(name) {
    const { static: cover } = (shared.mutantCoverage = { static: {}, perTest: {} });
    delete shared.currentTestId;
    return { tests: this.#load(name), cover };
  }

  async mutantRun({ activeMutant, hitLimit, testFilter }) {
    this.#times ??= JSON.parse(readFileSync(TIMES, "utf8"));
    Object.assign(shared, { activeMutant: activeMutant.id, hitLimit, hitCount: 0 });
    delete shared.mutantCoverage;
    const wanted = testFilter ?? Object.keys(this.#times);
    const order = [...wanted].sort((a, b) => this.#times[a] - this.#times[b]);
    const tests = [];
    const loaded = new Map();
    for (const id of order) {
      tests.push(await this.#runLoaded(id, loaded));
      const late = determineHitLimitReached(shared.hitCount, hitLimit);
      if (late) return toMutantRunResult(late);
      if (tests.at(-1).status === TestStatus.Failed) break;
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests });
  }

  /** Loads the test's bundle where this mutant has not needed it yet. */
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
