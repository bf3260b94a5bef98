/** Which functions a C file defines and which names each of them calls: token by token, macros unexpanded. */
import { lex } from "../c/index.ts";
import type { Token } from "../c/index.ts";

export interface DefinedFunction {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Identifiers within its parameters. */
  readonly parameters: readonly string[];
  /** Every identifier of its body. */
  readonly names: ReadonlySet<string>;
  /** Identifiers of its body that an opening parenthesis follows. */
  readonly calls: ReadonlySet<string>;
}

/** Functions in the order of their definition. */
export function definedFunctions(file: string, text: string): DefinedFunction[] {
  const { tokens } = lex(text, { file, start: 0, end: text.length, line: 1 });
  const found: DefinedFunction[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (!isText(tokens[at], "{")) continue;
    const end = closing(tokens, at);
    const head = headBefore(tokens, at);
    if (head) found.push(functionOf(head, tokens.slice(at + 1, end), tokens));
    at = end;
  }
  return found;
}

interface Head {
  readonly name: Token;
  /** Indices of the parameter list's parentheses. */
  readonly open: number;
  readonly close: number;
}

/** `name ( … )` right before a brace at file scope. */
function headBefore(tokens: readonly Token[], brace: number): Head | null {
  const close = brace - 1;
  if (!isText(tokens[close], ")")) return null;
  let depth = 0;
  for (let at = close; at > 0; at--) {
    if (isText(tokens[at], ")")) depth++;
    if (isText(tokens[at], "(") && --depth === 0) {
      const name = tokens[at - 1];
      return name?.kind === "identifier" ? { name, open: at, close } : null;
    }
  }
  return null;
}

function functionOf(head: Head, body: readonly Token[], tokens: readonly Token[]): DefinedFunction {
  const isName = (token: Token) => token.kind === "identifier";
  return {
    name: head.name.text,
    file: head.name.file,
    line: head.name.line,
    parameters: tokens
      .slice(head.open, head.close)
      .filter(isName)
      .map((token) => token.text),
    names: new Set(body.filter(isName).map((token) => token.text)),
    calls: new Set(
      body.filter((token, i) => isName(token) && isText(body[i + 1], "(")).map(({ text }) => text),
    ),
  };
}

/** Index of the brace that closes the one at `open`; the last token's where none does. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isText(tokens[at], "{")) depth++;
    if (isText(tokens[at], "}") && --depth === 0) return at;
  }
  return tokens.length;
}

function isText(token: Token | undefined, text: string): boolean {
  return token?.text === text;
}
