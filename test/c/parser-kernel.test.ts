/** The parser on the real thing: every function of KVM's SVM code parses, every statement of it. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FALLBACK_MACROS, KEPT_NAMES, Program } from "../../src/c/index.ts";
import { parseFunction } from "../../src/c/parse/parser.ts";

const FILES = [
  ...["svm/avic", "svm/svm", "svm/nested", "svm/sev", "svm/pmu", "svm/hyperv", "svm/svm_onhyperv", "lapic"],
].map((name) => `arch/x86/kvm/${name}.c`);

/** The head of a function definition in kernel style: its `{` opens a line. */
const HEAD = /^(?:[a-z_][\w \t*]*?[ \t*])?(?<name>[a-z_]\w*)\([^;{}]*\)\s*\n\{/gm;

interface Kernel {
  readonly program: Program;
  readonly read: (path: string) => string | undefined;
}

function kernelAt(root: string): Kernel {
  const read = (path: string): string | undefined => {
    const file = join(root, path);
    return existsSync(file) ? readFileSync(file, "latin1") : undefined;
  };
  const list = (dir: string): string[] => (existsSync(join(root, dir)) ? readdirSync(join(root, dir)) : []);
  const program = new Program(
    { read, list },
    {
      defines: {
        __KERNEL__: "1",
        CONFIG_X86_64: "y",
        CONFIG_64BIT: "y",
        CONFIG_SMP: "y",
        __x86_64__: "1",
        __CHAR_UNSIGNED__: "1",
      },
      includeRoots: ["arch/x86/include", "arch/x86/include/uapi", "include", "include/uapi"],
      headerScope: ["arch/x86/", "include/"],
      keptNames: KEPT_NAMES,
      fallbackMacros: FALLBACK_MACROS,
    },
  );
  return { program, read };
}

for (const version of ["6.1", "6.12"]) {
  const root = `.cache/linux-${version}`;
  test(
    `every function of Linux ${version}'s SVM code and lapic.c parses`,
    { skip: !existsSync(join(root, "arch")) },
    () => {
      const { program, read } = kernelAt(root);
      const problems: string[] = [];
      let parsed = 0;
      for (const unit of FILES) {
        const text = read(unit) ?? "";
        for (const { groups } of text.matchAll(HEAD)) {
          const name = groups?.["name"] ?? "";
          const found = program.findFunction(name, unit);
          if (found === null || !found.isComplete || found.file !== unit) continue;
          parsed++;
          problems.push(...faults(program, name, found));
        }
      }
      assert.deepEqual(problems, []);
      assert.ok(parsed > 400, `only ${parsed} functions`);
    },
  );
}

function faults(
  program: Program,
  name: string,
  found: NonNullable<ReturnType<Program["findFunction"]>>,
): string[] {
  const isTypedef = (each: string): boolean => program.findTypedef(each, found.unit) !== null;
  const result = parseFunction(found.tokens, isTypedef);
  if (!result.ok) return [`${name}: ${result.reason} (${result.place.file}:${result.place.line})`];
  const reasons = JSON.stringify(result.node.body).match(/"kind":"unparsed","reason":"[^"]*"/g) ?? [];
  return reasons.map((reason) => `${name}: ${reason}`);
}
