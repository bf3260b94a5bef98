// Reviews the sample series with the bundle in dist/ and leaves the code that V8 compiled for it beside the bundle.
const fs = require("node:fs");
const path = require("node:path");
const { CACHE, open, run, startQuickly } = require(path.resolve("dist/avicbot.cjs"));

startQuickly("review");
const script = open();
process.on("exit", () => fs.writeFileSync(CACHE, script.createCachedData()));
run(script);
