/** What `#define` defines. */
import type { MacroPlace, SourceProblem, Token } from "../text/token.ts";

export interface Macro {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Names of the parameters, the variadic one last; null for an object-like macro. */
  readonly parameters: readonly string[] | null;
  readonly isVariadic: boolean;
  readonly body: readonly BodyToken[];
}

/** A token of a replacement list. */
export interface BodyToken {
  readonly token: Token;
  /** Which parameter it names; -1 for none. */
  readonly parameter: number;
  readonly place: MacroPlace;
}

interface Heading {
  readonly parameters: readonly string[];
  readonly isVariadic: boolean;
  /** Index of the first token of the body. */
  readonly next: number;
}

/** The macro that the tokens behind `#define` define; a problem if they define none (C11 6.10.3). */
export function parseMacro(tokens: readonly Token[], file: string, line: number): Macro | SourceProblem {
  const bad = (text: string): SourceProblem => ({ code: "bad-macro", file, line, text });
  const name = tokens[0];
  if (name?.kind !== "identifier") return bad("#define needs a name");
  if (name.text === "defined") return bad("`defined` cannot be defined");
  const open = tokens[1];
  const isFunctionLike = open?.text === "(" && !open.space;
  const heading = isFunctionLike ? parseParameters(tokens) : null;
  if (isFunctionLike && heading === null) return bad(`the parameters of ${name.text} are malformed`);
  const body = placeBody(tokens.slice(heading?.next ?? 1), name.text, heading);
  const { parameters = null, isVariadic = false } = heading ?? {};
  const flaw = bodyFlaw(body, isFunctionLike);
  return flaw ? bad(flaw) : { name: name.text, file, line, parameters, isVariadic, body };
}

/** Reads `(a, b, rest...)`; null if it is malformed. */
function parseParameters(tokens: readonly Token[]): Heading | null {
  const parameters: string[] = [];
  const names = new Set<string>();
  let at = 2;
  if (tokens[at]?.text === ")") return { parameters, isVariadic: false, next: at + 1 };
  for (;;) {
    const token = tokens[at++];
    const isVariadic = token?.text === "..." || tokens[at]?.text === "...";
    if (token?.text === "...") parameters.push("__VA_ARGS__");
    else if (token?.kind !== "identifier" || names.has(token.text)) return null;
    else {
      names.add(token.text);
      parameters.push(token.text);
      if (isVariadic) at++;
    }
    const separator = tokens[at++]?.text;
    if (separator === ")") return { parameters, isVariadic, next: at };
    if (separator !== "," || isVariadic) return null;
  }
}

function placeBody(tokens: readonly Token[], macro: string, heading: Heading | null): BodyToken[] {
  const index = new Map(heading?.parameters.map((name, at) => [name, at]));
  return tokens.map((token) => ({
    token,
    parameter: token.kind === "identifier" ? (index.get(token.text) ?? -1) : -1,
    place: { macro, file: token.file, line: token.line },
  }));
}

function bodyFlaw(body: readonly BodyToken[], isFunctionLike: boolean): string | null {
  if (body[0]?.token.text === "##" || body.at(-1)?.token.text === "##")
    return "## at an end of a macro's body";
  const lone = (part: BodyToken, at: number): boolean =>
    part.token.text === "#" &&
    (body[at + 1]?.parameter ?? -1) < 0 &&
    body[at + 1]?.token.text !== "__VA_OPT__";
  return isFunctionLike && body.some(lone) ? "# before what is no parameter" : null;
}
