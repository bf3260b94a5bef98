// Known weaknesses of what is installed with avicbot, as the registry tells them (`npm audit`): ends with 1 for one
// that is at least moderate. A mirror that answers no audits ends with 0 and a word: nothing was looked at then.
import { spawnSync } from "node:child_process";

const LEAST = "moderate";
const RANKS = ["info", "low", "moderate", "high", "critical"];

const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], { encoding: "utf8" });
const report = parsed(stdout);
if (report?.vulnerabilities === undefined) {
  console.log(
    `audit: not done, the registry does not answer (${report?.message?.split(" - ")[0] ?? "npm told nothing"})`,
  );
  process.exit(0);
}
const found = Object.values(report.vulnerabilities);
const grave = found.filter(({ severity }) => RANKS.indexOf(severity) >= RANKS.indexOf(LEAST));
for (const { name, severity, range, via, fixAvailable } of grave) {
  const titles = via.map((one) => (typeof one === "string" ? `through ${one}` : `${one.title} ${one.url}`));
  const mend = fixAvailable
    ? "a newer one is there: npm audit fix"
    : "no newer one mends it: say so to its authors";
  console.error(`${name} ${range}: ${severity}: ${titles.join("; ")} (${mend})`);
}
console.log(`audit: ${found.length} known weaknesses, ${grave.length} of them ${LEAST} or worse`);
process.exit(grave.length === 0 ? 0 : 1);

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
