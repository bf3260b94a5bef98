/** Fails at the first batch. */
import { parentPort } from "node:worker_threads";

parentPort?.on("message", () => {
  throw new Error("broken");
});
