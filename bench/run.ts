/**
 * `npm run bench -- NAME… [--FLAG=VALUE…]`: runs `bench/NAME.ts`, all of them without a name. Each prints ratios
 * taken in one run.
 */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const dir = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2);
const wanted = words.filter((word) => !word.startsWith("--"));
const flags = new Map(
  words
    .filter((word) => word.startsWith("--"))
    .map((word) => word.slice(2).split("=", 2) as [string, string]),
);
const known = readdirSync(dir)
  .filter((file) => file.endsWith(".ts") && file !== "run.ts" && !file.startsWith("lib"))
  .map((file) => file.replace(/\.ts$/, ""));

for (const name of wanted.length > 0 ? wanted : known) {
  if (!existsSync(`${dir}${name}.ts`)) {
    console.error(`no benchmark '${name}': there are ${known.join(", ")}`);
    process.exitCode = 2;
    continue;
  }
  const { run } = (await import(`./${name}.ts`)) as {
    run: (flags: ReadonlyMap<string, string>) => Promise<void>;
  };
  await run(flags);
}
