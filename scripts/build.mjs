// The command and the thread that reviews run in, each with what it imports, in few files: Node spends more
// time on finding two hundred modules than on reading them. Types are checked by `npm run check`.
import { chmodSync, rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { avicbot: "src/cli/main.ts", "review-thread": "src/queue/review-thread.ts" },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20",
  logLevel: "warning",
});
chmodSync("dist/avicbot.js", 0o755);
