/** What is known of unknown values on one way: the answers given so far and what they tell. */
import type { Place } from "../parse/ast.ts";
import { convertInteger, type Integer } from "./arithmetic.ts";
import { NULL } from "./convert.ts";
import { truthQuestion } from "./symbolic.ts";
import { type CType, INT, UNSIGNED_LONG_LONG } from "./types.ts";
import { Boxed, StopSignal, Unknown, type Value } from "./value.ts";

/** An unknown condition that decides which way the code goes. */
export interface Condition {
  /** In C's words: `enable_ipiv`, `x == 3`. Never in negated form. */
  readonly text: string;
  readonly place: Place;
}

export class Answers {
  private readonly decide: ((condition: Condition) => boolean) | null;
  private readonly answers = new Map<string, boolean>();
  private readonly facts = new Map<string, Integer>();

  constructor(decide: ((condition: Condition) => boolean) | null) {
    this.decide = decide;
  }

  /** A pointer that was followed is not null. */
  followed(pointer: Unknown): void {
    this.facts.delete(pointer.text);
    this.answers.set(pointer.text, true);
  }

  /** What an answer given before tells about an unknown value. */
  settle(value: Value, type: CType): Value {
    if (!(value instanceof Unknown) || this.facts.size === 0 || value.poison) return value;
    const fact = this.facts.get(value.text);
    if (fact === undefined) return value;
    if (type.kind === "pointer") return fact === 0 || fact === 0n ? NULL : value;
    return type.kind === "int"
      ? convertInteger(fact, type)
      : new Boxed(typeof fact === "bigint" ? UNSIGNED_LONG_LONG : INT, fact);
  }

  /** Is the value other than 0? Unknown conditions are put to `decide`, each once. */
  truth(value: Value, place: Place): boolean {
    if (typeof value === "number") return value !== 0;
    if (typeof value === "bigint") return value !== 0n;
    if (value instanceof Boxed) return value.value !== 0 && value.value !== 0n;
    if (!(value instanceof Unknown)) return true;
    if (value.bits !== null && (value.bits.mask & value.bits.value) !== 0n) return true;
    if (value.poison) throw new StopSignal(value.code, `${value.reason} decides`, place);
    return this.answer(value, place);
  }

  private answer(value: Unknown, place: Place): boolean {
    const question = truthQuestion(value);
    const known = this.answers.get(question.text) ?? this.factAnswer(question.text, question.equals);
    if (known !== undefined) return known !== question.negated;
    if (this.decide === null)
      throw new StopSignal("condition", `'${question.text}' decides and is not known`, place);
    const yes = this.decide({ text: question.text, place });
    this.answers.set(question.text, yes);
    this.learn(question, yes, value);
    return yes !== question.negated;
  }

  private factAnswer(
    text: string,
    equals: { text: string; value: Integer } | undefined,
  ): boolean | undefined {
    const fact = this.facts.get(equals?.text ?? text);
    if (fact === undefined) return undefined;
    return equals === undefined ? fact !== 0 && fact !== 0n : BigInt(fact) === BigInt(equals.value);
  }

  /** A yes to `x == 3` tells x; a no to `x` tells that it is 0. */
  private learn(
    question: { text: string; equals?: { text: string; value: Integer } },
    yes: boolean,
    value: Unknown,
  ): void {
    if (question.equals !== undefined) {
      if (yes) this.facts.set(question.equals.text, question.equals.value);
      return;
    }
    if (!yes) this.facts.set(question.text, 0);
    else if (value.bits?.mask === ~1n) this.facts.set(question.text, 1);
  }
}
