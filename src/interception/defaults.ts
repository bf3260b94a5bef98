/** Which way a condition goes by default: as its variables are initialised, else as if it were fulfilled. */
import { Machine, Unknown } from "../c/index.ts";
import type { Condition, Definition, Program, Value } from "../c/index.ts";

/** `unit` is the file in whose eyes the condition's names are looked up. */
export function defaultAnswer(program: Program, condition: Condition): boolean {
  const unit = condition.place.file;
  const globals = new Map<string, Value>();
  for (const [name] of condition.text.matchAll(/[A-Za-z_]\w*/g)) {
    const value = initialValue(program, name, unit);
    if (value !== null) globals.set(name, value);
  }
  const value = known(new Machine(program, { globals }), condition.text, unit);
  return value !== 0 && value !== 0n;
}

/** What a variable holds before anybody changes it; null when `name` is none or the value cannot be told. */
function initialValue(program: Program, name: string, unit: string): Value | null {
  const definition = program.findObject(name, unit);
  if (!definition) return null;
  return known(new Machine(program), initialiserText(definition, name), definition.unit);
}

function known(machine: Machine, text: string, unit: string): Value | null {
  const outcome = machine.evaluate(text, unit);
  return "value" in outcome && !(outcome.value instanceof Unknown) ? outcome.value : null;
}

/** The text behind `name =`; a variable without initialiser is zero. */
function initialiserText({ tokens }: Definition, name: string): string {
  const words = tokens.map((token) => token.text);
  const at = words.findIndex((word, i) => word === name && words[i + 1] === "=");
  if (at < 0) return "0";
  const rest = words.slice(at + 2);
  return rest
    .slice(
      0,
      rest.findIndex((word) => word === ";" || word === ","),
    )
    .join(" ");
}
