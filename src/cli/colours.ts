/** Colours for a terminal; the text itself stays the same. */
import { createColors } from "picocolors";

/** New cells that differ stand out, borders step back. */
export function colourTable(text: string, enabled: boolean): string {
  if (!enabled) return text;
  const { bold, dim, yellow } = createColors(true);
  return text
    .replace(/(?<=\|) \* [^|\n]*(?=\|)/g, (cell) => bold(yellow(cell)))
    .replace(/^\+[-+]+\+$/gm, (border) => dim(border));
}

/** The table inside a reply, its quote and the severities of its findings. */
export function colourReply(text: string, enabled: boolean): string {
  if (!enabled) return text;
  const { bold, cyan, green, red, yellow } = createColors(true);
  return colourTable(text, true)
    .replace(/^> \+.*$/gm, (line) => green(line))
    .replace(/^> -.*$/gm, (line) => red(line))
    .replace(/^> .*$/gm, (line) => cyan(line))
    .replace(
      /^(- )(critical|warning)(?=:)/gm,
      (_, mark: string, word: string) => mark + bold(word === "critical" ? red(word) : yellow(word)),
    )
    .replace(/^[A-Z][a-z ]+:$/gm, (heading) => bold(heading));
}
