/** Puts the figures of a run into docs/performance.md: nobody types them. */
import { readFileSync, writeFileSync } from "node:fs";
import { packagePath } from "../../src/package-root.ts";
import { sectionOf, type Results } from "./results.ts";

export const PAGE = packagePath("docs", "performance.md");
const BLOCK = /<!-- bench (\S+) -->\n[\s\S]*?<!-- end -->/g;

/** The page with each block filled that the results have something for; other blocks stay as they are. */
export function fillPage(page: string, results: Results): string {
  return page.replace(BLOCK, (whole, name: string) => {
    if (name === "machine") return block(name, `On ${results.machine}.\n`);
    const report = results.reports.find((one) => one.name === name);
    return report === undefined ? whole : block(name, sectionOf(report));
  });
}

function block(name: string, content: string): string {
  return `<!-- bench ${name} -->\n\n${content}\n<!-- end -->`;
}

/** Throws for rough figures: the page holds none. */
export function writeDocs(results: Results): void {
  const rough = results.reports.filter(({ quick }) => quick).map(({ name }) => name);
  if (rough.length > 0)
    throw new Error(`measured by a quick run only: ${rough.join(", ")}; run them without --quick`);
  writeFileSync(PAGE, fillPage(readFileSync(PAGE, "utf8"), results));
}
