/** A program of the tests as one file that starts fast; its packages are those of this tree. */
import { join } from "node:path";
import { build } from "esbuild";

/** The path of the file, under .cache; the caller removes it. */
export async function bundleProgram(entry: string, name: string): Promise<string> {
  const outfile = join(import.meta.dirname, `../../.cache/${name}-${process.pid}.mjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
  return outfile;
}
