/** Tokens of a declaration after macro replacement. */
import { beginsType } from "./declared.ts";
import { keysOf } from "./itemindex.ts";
import { splitItems } from "./items.ts";
import type { Item } from "./items.ts";
import type { Token } from "../text/token.ts";
import { TokenWords } from "../text/words.ts";

export interface Picked {
  readonly tokens: readonly Token[];
  readonly isStatic: boolean;
}

/** Of all that an invocation at file scope became, the declaration of the key; everything if none is. */
export function pickDeclaration(tokens: readonly Token[], key: string): Picked {
  const item = splitTokens(tokens).find((candidate) => keysOf(candidate).some((other) => other.key === key));
  if (!item) return { tokens, isStatic: false };
  const own = tokens.slice(item.from.start, item.to.stop);
  return { tokens: own.slice(leadingInvocations(own)), isStatic: item.declared.isStatic };
}

export function splitTokens(tokens: readonly Token[]): Item[] {
  return splitItems(new TokenWords(tokens));
}

/** How many tokens belong to `NOT_REPLACED(…)` before the declaration itself. */
function leadingInvocations(tokens: readonly Token[]): number {
  let at = 0;
  while (
    tokens[at]?.kind === "identifier" &&
    tokens[at + 1]?.text === "(" &&
    !beginsType(tokens[at]?.text ?? "")
  ) {
    let next = at + 2;
    for (let depth = 1; depth > 0 && next < tokens.length; next++) {
      if (tokens[next]?.text === "(") depth++;
      if (tokens[next]?.text === ")") depth--;
    }
    if (tokens[next]?.kind !== "identifier") return at;
    at = next;
  }
  return at;
}
