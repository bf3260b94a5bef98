/** The answer to the commands of a mail, as text. */
import { cleanLine } from "../clean.ts";
import { renderTemplate } from "../template.ts";
import { wrap } from "../wrap.ts";

export interface AnswerPart {
  readonly verb: string;
  readonly done: boolean;
  readonly text: string;
  readonly body?: string;
}

function headOf({ verb, done, text }: AnswerPart): string {
  return wrap(`${verb}: ${done ? "" : "not done: "}${cleanLine(text, 1000)}`);
}

/** `help`: whether the list of commands is added. */
export function renderAnswer(parts: readonly AnswerPart[], help: boolean): string {
  const results = parts.map((part) => ({ head: headOf(part), body: part.body ?? "" }));
  return renderTemplate("answer", { results, help });
}
