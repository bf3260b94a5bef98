/** Reads text word by word without making tokens, and passes bodies at the speed of a plain scan. */
import { isIdentifierPart } from "./lexer.ts";
import type { Entry } from "../preprocess/outline.ts";
import { commentEnd, literalEnd } from "./splice.ts";
import type { Token } from "./token.ts";

/** A stream of words: identifiers and single punctuation chars; numbers and literals come as `0`. */
export interface WordSource {
  /** The next word; "" at the end. */
  next(): string;
  /** Passes the group whose `{` was just read; false if it does not end. */
  skipBraces(): boolean;
  /** Place of the word read last. */
  here(): Place;
}

/** For text an entry and an offset in its text; for tokens an index, twice. */
export interface Place {
  readonly entry: number;
  readonly start: number;
  /** Behind the word. */
  readonly stop: number;
}

/** The words of an outline's active text. */
export class TextWords implements WordSource {
  readonly #entries: readonly Entry[];
  #entry = -1;
  #text = "";
  #end = 0;
  #at = 0;
  #start = 0;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  here(): Place {
    return { entry: this.#entry, start: this.#start, stop: this.#at };
  }

  next(): string {
    do {
      const text = this.#text;
      while (this.#at < this.#end) {
        const code = text.charCodeAt(this.#at);
        if (code <= 32) this.#at++;
        else if (code === 47 && this.#passComment()) continue;
        else return this.#word(code);
      }
    } while (this.#open());
    return "";
  }

  skipBraces(): boolean {
    let depth = 1;
    do {
      depth = this.#skipIn(depth);
    } while (depth > 0 && this.#open());
    return depth === 0;
  }

  /** Goes on with the next text entry. */
  #open(): boolean {
    while (++this.#entry < this.#entries.length) {
      const entry = this.#entries[this.#entry];
      if (entry?.kind !== "text") continue;
      this.#text = entry.source.text;
      this.#at = entry.start;
      this.#end = entry.end;
      return true;
    }
    return false;
  }

  #passComment(): boolean {
    const stop = commentEnd(this.#text, this.#at, this.#end);
    if (stop === this.#at) return false;
    this.#at = stop;
    return true;
  }

  #word(code: number): string {
    const text = this.#text;
    const start = (this.#start = this.#at);
    let stop = start + 1;
    if (isIdentifierPart(code)) {
      while (stop < this.#end && isIdentifierPart(text.charCodeAt(stop))) stop++;
    } else if (code === 34 || code === 39) {
      stop = literalEnd(text, start, this.#end) || this.#lineEnd();
      code = 48;
    }
    this.#at = stop;
    return code >= 48 && code <= 57 ? "0" : text.slice(start, stop);
  }

  #lineEnd(): number {
    const newline = this.#text.indexOf("\n", this.#at);
    return newline < 0 || newline > this.#end ? this.#end : newline;
  }

  /** Scans the current entry; the depth of braces at its end, or 0 behind the closing one. */
  #skipIn(depth: number): number {
    const text = this.#text;
    const end = this.#end;
    let at = this.#at;
    while (at < end) {
      const code = text.charCodeAt(at);
      if (code === 123) depth++;
      else if (code === 125 && --depth === 0) {
        this.#start = at;
        this.#at = at + 1;
        return 0;
      } else if (code === 34 || code === 39) {
        this.#at = at;
        at = literalEnd(text, at, end) || this.#lineEnd();
        continue;
      } else if (code === 47) {
        at = Math.max(commentEnd(text, at, end), at + 1);
        continue;
      }
      at++;
    }
    this.#at = end;
    return depth;
  }
}

/** The words of tokens. */
export class TokenWords implements WordSource {
  readonly #tokens: readonly Token[];
  #at = -1;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  here(): Place {
    return { entry: 0, start: this.#at, stop: this.#at + 1 };
  }

  next(): string {
    const token = this.#tokens[++this.#at];
    if (!token) return "";
    return token.kind === "identifier" || token.kind === "punct" ? token.text : "0";
  }

  skipBraces(): boolean {
    for (let depth = 1, word = this.next(); word !== ""; word = this.next()) {
      if (word === "{") depth++;
      if (word === "}" && --depth === 0) return true;
    }
    return false;
  }
}
