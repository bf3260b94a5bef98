/**
 * Commands in a mail: lines that begin with `#avicbot`, written by the sender. What is quoted, signed below,
 * indented, fenced, or stands in a patch or a forwarded mail is somebody else's word or a sample.
 */

/** Verbs about a series; `target` is a Message-ID or the link to one, null: the thread the mail stands in. */
export type SeriesVerb = "query" | "recheck" | "approve" | "hold" | "ignore";

export type Command =
  | { readonly verb: SeriesVerb; readonly target: string | null }
  | { readonly verb: "mute"; readonly what: "thread" | "me" }
  /** `all`: whatever the sender muted, himself or the thread the mail stands in. */
  | { readonly verb: "unmute"; readonly what: "thread" | "me" | "all" }
  | { readonly verb: "help" }
  | { readonly verb: "unknown" };

export type SeriesCommand = Extract<Command, { readonly target: string | null }>;
export type MuteCommand = Extract<Command, { readonly what: string }>;

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
  const known = rest.length > 0 ? null : commandOf(verb.toLowerCase(), argument);
  return known ?? { verb: "unknown" };
}

/** An id has an `@` (escaped in some links); a word that has none is part of a sentence. */
function isTarget(word: string): boolean {
  return /@|%40/i.test(word);
}

function commandOf(verb: string, argument: string | null): Command | null {
  switch (verb) {
    case "query":
    case "recheck":
    case "approve":
    case "hold":
    case "ignore":
      return argument === null || isTarget(argument) ? { verb, target: argument } : null;
    case "mute":
      return argument === "thread" || argument === "me" ? { verb, what: argument } : null;
    case "unmute":
      if (argument === null) return { verb, what: "all" };
      return argument === "thread" || argument === "me" ? { verb, what: argument } : null;
    case "help":
      return argument === null ? { verb } : null;
    default:
      return null;
  }
}

/** Whether it is worth while to look for commands in a text; the byte string of one will do. */
export function mayHoldCommands(text: string): boolean {
  return /^#avicbot(?:[ \t\r]|$)/im.test(text);
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
