import { Eta } from "eta";
import { packagePath } from "../package-root.ts";

let engine: Eta | undefined;

/** Plain text: no trailing blanks, no more than one empty line in a row, one line feed at the end. */
function tidy(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()}\n`;
}

/** Renders `templates/NAME.eta` as plain text. */
export function renderTemplate(name: string, view: object): string {
  engine ??= new Eta({ views: packagePath("templates"), autoEscape: false, autoTrim: false, cache: true });
  return tidy(engine.render(name, view));
}
