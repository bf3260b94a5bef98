/** Threads of this program, from source or built. */
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker, type WorkerOptions } from "node:worker_threads";
import { packagePath } from "../package-root.ts";

/** The module of a thread: `source` when this runs from source; when built, the thread's own bundle of the same name. */
export function threadModule(source: URL): URL {
  if (import.meta.url.endsWith(".ts")) return source;
  return pathToFileURL(packagePath("dist", `${basename(source.pathname, ".ts")}.cjs`));
}

/** Run from source, a thread needs the loader that turns TypeScript into JavaScript; it does not inherit it. */
export function openThread(module: URL, options: WorkerOptions = {}): Worker {
  if (!module.pathname.endsWith(".ts")) return new Worker(module, options);
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const code = `import(${loader}).then((tsx) => { tsx.register(); return import(${JSON.stringify(module.href)}); })`;
  return new Worker(code, { ...options, eval: true });
}
