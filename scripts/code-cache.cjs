// Reviews the sample series with the bundle in dist/ and leaves the code that V8 compiled for it beside the bundle.
const fs = require("node:fs");
const path = require("node:path");
const { CACHE, open, run, setFlags } = require(path.resolve("dist/avicbot.cjs"));

setFlags("review");
const script = open();
process.on("exit", () => fs.writeFileSync(CACHE, script.createCachedData()));
run(script);
