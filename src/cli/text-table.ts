/** A bordered table as wide as its cells need, left-aligned after one blank. */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |\n`;
  const border = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+\n`;
  return [border, line(headings), border, ...rows.map(line), border].join("");
}
