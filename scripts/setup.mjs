// Makes a fresh machine ready: packages, the build, and for the tests what Debian provides.
// setup.mjs [build|test]
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, statSync, readdirSync } from "node:fs";

const KERNELS = ["6.1", "6.12"];
const KERNEL_PARTS = ["arch/x86/kvm", "arch/x86/include", "include", "virt/kvm"];
/** Command that shows a package is there, and the package. */
const DEBIAN = [
  ["gcc", "gcc"],
  ["git", "git"],
  ["xz", "xz-utils"],
  ["redis-server", "redis-server"],
  ["redis-sentinel", "redis-sentinel"],
  ["openssl", "openssl"],
  ["dovecot", "dovecot-imapd"],
  ["lmtp", "dovecot-lmtpd"],
  ["public-inbox-imapd", "public-inbox"],
  ["chromium", "chromium"],
  ["w3m", "w3m"],
  ["postfix", "postfix"],
  ["neomutt", "neomutt"],
  ["tmux", "tmux"],
  ["strace", "strace"],
  ["zzuf", "zzuf"],
  ["csmith", "csmith"],
  ["time", "time"],
  ["faketime", "faketime"],
  ["fiu-run", "fiu-utils"],
  ["mandoc", "mandoc"],
  ["zsh", "zsh"],
  ["fish", "fish"],
];
/** Answers to what packages ask: Postfix comes without a configuration, so that none of it starts. */
const DEBCONF = "postfix postfix/main_mailer_type select No configuration\n";

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", 2, "inherit"] });
  if (status !== 0) {
    console.error(`setup: ${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
    process.exit(1);
  }
}

function newest(path) {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(`${path}/${name}`)));
}

function installPackages() {
  if (newest("node_modules/.package-lock.json") < newest("package-lock.json"))
    run("npm", ["ci", "--no-audit", "--no-fund"]);
}

function build() {
  if (newest("dist/avicbot.cjs") < Math.max(newest("src"), newest("jobs"), newest("scripts")))
    run("npm", ["run", "build"]);
}

function onPath(command) {
  return ["/usr/sbin", "/sbin", "/usr/lib/dovecot", ...(process.env.PATH ?? "").split(":")].some((dir) =>
    existsSync(`${dir}/${command}`),
  );
}

function installDebian() {
  const packages = DEBIAN.filter(([command]) => !onPath(command)).map(([, name]) => name);
  for (const version of KERNELS) {
    if (!existsSync(`/usr/src/linux-source-${version}.tar.xz`) && !existsSync(`.cache/linux-${version}`)) {
      packages.push(`linux-source-${version}`);
    }
  }
  if (packages.length === 0) return;
  if (!onPath("apt-get")) {
    console.error(`setup: no apt-get here; the tests that need ${packages.join(" ")} will be skipped`);
    return;
  }
  const root = process.getuid?.() === 0 ? [] : ["sudo"];
  const [first, ...rest] = [...root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
  const [preset, ...words] = [...root, "debconf-set-selections"];
  if (packages.includes("postfix")) spawnSync(preset, words, { input: DEBCONF });
  run(first, [...rest, "update", "-qq"]);
  run(first, [...rest, "install", "-qq", "-y", "--no-install-recommends", ...packages]);
}

/** The parts of the real kernels that tests read, under .cache/linux-VERSION; GPL-2.0, never committed. */
function unpackKernels() {
  for (const version of KERNELS) {
    const tarball = `/usr/src/linux-source-${version}.tar.xz`;
    const target = `.cache/linux-${version}`;
    if (existsSync(target) || !existsSync(tarball)) continue;
    const partial = `${target}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    run("tar", [
      "-xJf",
      tarball,
      "-C",
      partial,
      "--strip-components=1",
      ...KERNEL_PARTS.map((part) => `linux-source-${version}/${part}`),
    ]);
    renameSync(partial, target);
  }
}

installPackages();
if (process.argv[2] === "build" || process.argv[2] === "test") build();
if (process.argv[2] === "test") {
  installDebian();
  unpackKernels();
}
