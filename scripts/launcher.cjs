#!/usr/bin/env node
/**
 * Entry of the `avicbot` command, copied to dist/avicbot.cjs: runs the bundle beside it from compiled code that V8
 * kept, which saves a review a fifth of its time. Node 22.1 and later keep such code themselves; for Node 20 the
 * build leaves it in dist/main.cache. V8 takes it only from the same V8 with the same flags, else it compiles anew.
 */
const fs = require("node:fs");
const { createRequire, enableCompileCache, wrap } = require("node:module");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");

const BUNDLE = path.join(__dirname, "main.cjs");
const CACHE = path.join(__dirname, "main.cache");
/** Verbs that run for as long as they are let. */
const LONG_VERBS = ["serve", "watch", "work", "web", "demo"];

/**
 * Each full collection lets go of what was compiled for the code of a review that is over, so that it is compiled anew
 * for the next one: the heap may grow to two and a half times what lives in it before one is made. With four times,
 * hostile code takes the service more than 200 MB above idle. A heap of this size is scavenged by one thread at the cost
 * of the waiting alone of several. No other flag about threads can be set here: with those that a heap already has, it
 * waits for ever.
 */
const LONG_FLAGS = ["--heap-growing-percent=150", "--no-parallel-scavenge"];

/**
 * A verb that ends within seconds is through before the code that V8 optimises for it pays: optimising later saves a
 * quarter of a review's time and a tenth of a scan's. Nor is its heap worth growing in small steps, with a collection
 * for each: one large step saves a twentieth.
 */
const SHORT_FLAGS = ["--interrupt-budget=400000", "--semi-space-growth-factor=8"];

/** Only for Node 20; later ones have other tiers. */
function setFlags(verb) {
  if (!process.versions.v8.startsWith("11.")) return;
  for (const flag of LONG_VERBS.includes(verb) ? LONG_FLAGS : SHORT_FLAGS) v8.setFlagsFromString(flag);
}

function readCache() {
  try {
    return fs.readFileSync(CACHE);
  } catch {
    return undefined;
  }
}

/** The bundle as a script that is not run yet. */
function open(cachedData) {
  return new vm.Script(wrap(fs.readFileSync(BUNDLE, "utf8")), {
    filename: BUNDLE,
    cachedData,
  });
}

function run(script) {
  const bundle = { exports: {} };
  script.runInThisContext()(bundle.exports, createRequire(BUNDLE), bundle, BUNDLE, __dirname);
}

function launch() {
  if (enableCompileCache) {
    enableCompileCache();
    require(BUNDLE);
    return;
  }
  setFlags(process.argv[2]);
  run(open(readCache()));
}

if (require.main === module) launch();

module.exports = { CACHE, open, run, setFlags };
