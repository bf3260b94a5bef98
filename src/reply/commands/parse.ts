/**
 * Commands in a mail: lines that begin with `#avicbot`, written by the sender. What is quoted, signed below,
 * indented, fenced, or stands in a patch or a forwarded mail is somebody else's word or a sample.
 */

export type Command =
  | { readonly verb: "query"; readonly target: string | null }
  | { readonly verb: "mute" | "unmute"; readonly what: "thread" | "me" }
  | { readonly verb: "recheck" | "approve" | "hold" | "ignore" | "help" }
  | { readonly verb: "unknown"; readonly text: string };

const MARK = /^#avicbot(?:[ \t]+(.{0,1000}))?$/i;
/** More commands than anybody writes into one mail. */
const MAX_COMMANDS = 5;
const MAX_LINES = 100_000;

/** Where the sender's own text ends. */
const END =
  /^(?:-- ?$|diff --git |@@ -|Index: |-{2,}\s?(?:Original Message|Forwarded message|Urspr\S+ Nachricht)\b|_{20,}$|From: .*@)/i;

function readCommand(line: string): Command | null {
  const found = MARK.exec(line.trimEnd());
  if (found === null) return null;
  const words = (found[1] ?? "").trim().split(/\s+/);
  const [verb = "", argument = null, ...rest] = words.map((word) => word.replace(/[.,;!]$/, ""));
  const unknown = { verb: "unknown", text: (found[1] ?? "").trim().slice(0, 80) } as const;
  if (rest.length > 0) return unknown;
  return commandOf(verb.toLowerCase(), argument) ?? unknown;
}

function commandOf(verb: string, argument: string | null): Command | null {
  switch (verb) {
    case "query":
      return { verb, target: argument };
    case "mute":
    case "unmute":
      if (argument === null && verb === "unmute") return { verb, what: "me" };
      return argument === "thread" || argument === "me" ? { verb, what: argument } : null;
    case "recheck":
    case "approve":
    case "hold":
    case "ignore":
    case "help":
      return argument === null ? { verb } : null;
    default:
      return null;
  }
}

/** The commands of a decoded text, each once, in their order. Linear in its length. */
export function parseCommands(text: string): Command[] {
  const found = new Map<string, Command>();
  let fenced = false;
  for (const line of text.split(/\r\n|\r|\n/, MAX_LINES)) {
    if (END.test(line)) break;
    if (/^(?:```|~~~)/.test(line)) fenced = !fenced;
    const command = fenced ? null : readCommand(line);
    if (command !== null) found.set(JSON.stringify(command), command);
    if (found.size === MAX_COMMANDS) break;
  }
  return [...found.values()];
}
