/** The results of a run on disk: JSON for programs, Markdown for people, plots. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { packagePath } from "../../src/package-root.ts";
import { barsOf, linesOf } from "./svg.ts";
import type { Figure, Goal, Report } from "./report.ts";
import { least, median, most, shown } from "./stats.ts";

export interface Results {
  readonly schema: "avicbot.bench/1";
  readonly machine: string;
  readonly reports: readonly Taken[];
}

/** What a benchmark found, and when, of which code. */
export interface Taken extends Report {
  readonly date: string;
  readonly revision: string;
  readonly quick: boolean;
}

const FOLDER = packagePath("bench", "results");
export const LATEST = join(FOLDER, "latest.json");

export function taken(report: Report, quick: boolean): Taken {
  return { ...report, date: new Date().toISOString().slice(0, 16), revision: revision(), quick };
}

export function makeResults(reports: readonly Taken[]): Results {
  return { schema: "avicbot.bench/1", machine: machine(), reports };
}

function revision(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      cwd: packagePath(),
      encoding: "utf8",
    }).trim();
  } catch {
    return "unknown";
  }
}

function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  const model = cpus()[0]?.model.trim() ?? "unknown";
  return `${cpus().length} x ${model}, ${gigabytes} GB, Linux ${release()}, Node.js ${process.version}`;
}

/** Throws with a line that says what the file should be. */
export function readResults(path: string): Results {
  if (!existsSync(path))
    throw new Error(`${path}: no such file; npm run bench writes bench/results/latest.json`);
  const found = JSON.parse(readFileSync(path, "utf8")) as Partial<Results>;
  if (found.schema !== "avicbot.bench/1") throw new Error(`${path} is no result of npm run bench`);
  return found as Results;
}

/** The latest results with those of this run in place of their former ones; returns the paths written. */
export function writeResults(results: Results): string[] {
  mkdirSync(FOLDER, { recursive: true });
  const files: [string, string][] = [
    ["latest.json", `${JSON.stringify(results, null, 1)}\n`],
    ["latest.md", asMarkdown(results)],
    ...results.reports.flatMap(plotsOf),
  ];
  return files.map(([name, content]) => {
    writeFileSync(join(FOLDER, name), content);
    return join(FOLDER, name);
  });
}

function plotsOf(report: Report): [string, string][] {
  const bars = barsOf(report);
  const lines = report.plots.map((plot): [string, string] => [
    `${report.name}-${plot.name}.svg`,
    linesOf(plot),
  ]);
  return [...(bars === null ? [] : [[`${report.name}.svg`, bars] as [string, string]]), ...lines];
}

export function asMarkdown(results: Results): string {
  const head = `# Benchmarks of avicbot\n\nOn ${results.machine}.\n`;
  return [head, ...results.reports.map((report) => `## ${report.title}\n\n${sectionOf(report)}`)].join("\n");
}

/** Figures, goals and notes of one benchmark. */
export function sectionOf({ figures, goals, skipped, notes, failure, ...taken }: Taken): string {
  return [
    ...(figures.length > 0 ? [table(FIGURE_HEAD, figures.map(figureRow))] : []),
    ...(goals.length > 0 ? [table(GOAL_HEAD, goals.map(goalRow))] : []),
    ...notes.map((note) => `${note}.\n`),
    ...(failure === null ? [] : [`**Failed**: ${failure}\n`]),
    ...skipped.map((one) => `Not measured: ${one}.\n`),
    `Measured ${taken.date} at ${taken.revision}${taken.quick ? " by a quick run: rough figures" : ""}.\n`,
  ].join("\n");
}

const FIGURE_HEAD = ["measured", "median", "spread", "processor", "peak memory"];
const GOAL_HEAD = ["goal", "found", "bound", ""];

function figureRow({ name, unit, values, cpu, memory }: Figure): string[] {
  return [
    name,
    `${shown(median(values))} ${unit}`,
    values.length > 1 ? `${shown(least(values))} to ${shown(most(values))}` : "one run",
    cpu.length > 0 ? `${shown(median(cpu))} s` : "",
    memory.length > 0 ? `${shown(most(memory))} MB` : "",
  ];
}

function goalRow({ name, values, unit, bound, kind, met }: Goal): string[] {
  return [name, `${shown(median(values))} ${unit}`, `${kind} ${bound} ${unit}`, met ? "met" : "**missed**"];
}

/** With columns as wide as their widest cell, as the formatter of the repository wants them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, at) => Math.max(3, cell.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |\n`;
  return line(head) + line(widths.map((width) => "-".repeat(width))) + rows.map(line).join("");
}
