/** Answers late, with every mail under a name of its own. */
import { parentPort } from "node:worker_threads";
import type { Packed } from "../../src/queue/scan/looking.ts";

parentPort?.on("message", ({ bytes, ends }: Packed) => {
  const picks = ends.map((end, at) => ({ at, key: `thread ${end}`, groups: [], concerns: false }));
  setTimeout(() => parentPort?.postMessage({ picks, bytes }), 20);
});
