// Licences of all packages in the lock file, and the install scripts that come with them: nothing new unnoticed.
import { readFileSync } from "node:fs";

/** What may be linked from MIT code and shipped beside it. */
const ALLOWED = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Zlib",
];
/** Weak copyleft, used unchanged and by tests alone. */
const FOR_TESTS = ["MPL-2.0"];

const isAllowed = (licence, allowed) =>
  licence.split(" OR ").some((one) => one.split(" AND ").every((each) => allowed.includes(each)));

const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
const security = readFileSync("SECURITY.md", "utf8");
const problems = [];
for (const [path, { license = "none", dev = false, hasInstallScript = false }] of Object.entries(packages)) {
  if (path === "") continue;
  const name = path.replace(/^.*node_modules\//, "");
  const allowed = dev ? [...ALLOWED, ...FOR_TESTS] : ALLOWED;
  if (!isAllowed(license.replace(/[()]/g, ""), allowed)) problems.push(`${name}: licence ${license}`);
  if (hasInstallScript && !security.includes(`\`${name}\``))
    problems.push(`${name} runs a script when it is installed: say in SECURITY.md why that is right`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
