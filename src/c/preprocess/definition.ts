/** Macros of files are parsed when they are used for the first time. */
import { parseMacro } from "./macro.ts";
import type { Macro } from "./macro.ts";
import type { MacroSource } from "./outline.ts";
import { lexPart, lineAt } from "../text/scan.ts";
import { SourceError } from "../text/token.ts";

/** The macro; throws a SourceError if its definition is malformed. */
export function definedMacro({ source, directive }: MacroSource): Macro {
  if (directive.macro === null) {
    const tokens = directive.tokens ?? lexPart(source, directive.body, directive.end);
    directive.macro = parseMacro(tokens, source.path, lineAt(source, directive.start));
  }
  if ("code" in directive.macro) throw new SourceError(directive.macro);
  return directive.macro;
}
