/** Plots as SVG: bars of what was measured next to each other, lines of what grows. */
import type { Plot, Report } from "./report.ts";
import { median, shown } from "./stats.ts";

const WIDTH = 720;
const INK = "#222";
const COLOURS = ["#1f5fa8", "#b3541e", "#3c7d3c", "#7a3e9d", "#8a6d00"];

function escape(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
}

function text(x: number, y: number, words: string, more = ""): string {
  return `<text x="${x}" y="${y}" ${more}>${escape(words)}</text>`;
}

function page(height: number, title: string, body: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(16, 22, title, 'font-size="14" font-weight="bold"'),
    ...body,
    "</svg>\n",
  ].join("\n");
}

/** The times of a benchmark, on a logarithmic scale; null where there is nothing to compare. */
export function barsOf({ title, figures }: Report): string | null {
  const bars = figures
    .filter(({ unit }) => unit === "s")
    .map(({ name, values }) => ({ name, value: median(values) }));
  if (bars.length < 2) return null;
  const logs = bars.map(({ value }) => Math.log10(value));
  const low = Math.floor(Math.min(...logs));
  const scale = 380 / Math.max(1, Math.ceil(Math.max(...logs)) - low);
  const body = bars.flatMap(({ name, value }, at) => {
    const y = 40 + at * 22;
    const width = Math.max(2, (Math.log10(value) - low) * scale);
    return [
      text(210, y + 13, name, 'text-anchor="end"'),
      `<rect x="220" y="${y}" width="${width.toFixed(1)}" height="16" fill="${COLOURS[at === 0 ? 0 : 1]}"/>`,
      text(226 + width, y + 13, `${shown(value)} s`),
    ];
  });
  const foot = 56 + bars.length * 22;
  return page(foot + 10, title, [...body, text(220, foot, "seconds, logarithmic")]);
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

function logScale(values: readonly number[], from: number, to: number): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [first, last] = [
    Math.floor(Math.log10(low)),
    Math.max(Math.floor(Math.log10(low)) + 1, Math.ceil(Math.log10(high))),
  ];
  return {
    at: (value) => from + ((Math.log10(value) - first) / (last - first)) * (to - from),
    ticks: Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at)),
  };
}

/** Lines on logarithmic scales: what is linear has slope 1. */
export function linesOf({ title, x, y, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const across = logScale(
    points.map(([value]) => value),
    80,
    WIDTH - 30,
  );
  const up = logScale(
    points.map(([, value]) => value),
    300,
    50,
  );
  const grid = [
    ...across.ticks.flatMap((tick) => [
      `<line x1="${across.at(tick)}" x2="${across.at(tick)}" y1="50" y2="300" stroke="#ddd"/>`,
      text(across.at(tick), 318, shown(tick), 'text-anchor="middle"'),
    ]),
    ...up.ticks.flatMap((tick) => [
      `<line x1="80" x2="${WIDTH - 30}" y1="${up.at(tick)}" y2="${up.at(tick)}" stroke="#ddd"/>`,
      text(72, up.at(tick) + 4, shown(tick), 'text-anchor="end"'),
    ]),
  ];
  const drawn = lines.flatMap(({ name, points: own }, at) => {
    const colour = COLOURS[at % COLOURS.length] ?? INK;
    const path = own.map(([a, b]) => `${across.at(a).toFixed(1)},${up.at(b).toFixed(1)}`).join(" ");
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...own.map(([a, b]) => `<circle cx="${across.at(a)}" cy="${up.at(b)}" r="3" fill="${colour}"/>`),
      text(90, 66 + at * 16, name, `style="fill:${colour}"`),
    ];
  });
  return page(350, title, [
    ...grid,
    ...drawn,
    text(WIDTH / 2, 340, x, 'text-anchor="middle"'),
    text(16, 42, y),
  ]);
}
