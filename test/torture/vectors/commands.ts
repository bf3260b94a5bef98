/** Commands by mail in every dress that is not the sender's own plain word, and in those that are. */
import { encodedWord, letter, type Vector } from "./vector.ts";

const utf8 = (text: string) => Buffer.from(text, "utf8").toString("latin1");
const mail = (body: string, more: Record<string, string> = {}) =>
  letter({ Subject: "Re: x", "Content-Type": "text/plain; charset=utf-8", ...more }, utf8(body));

/** A form as people write it, and as it is read. */
const FORMS: readonly (readonly [string, string])[] = [
  ...["query", "recheck", "approve", "hold", "ignore"].flatMap((verb) => [
    [`#avicbot ${verb}`, `{"verb":"${verb}","target":null}`] as const,
    [`#avicbot ${verb} <a@b>`, `{"verb":"${verb}","target":"<a@b>"}`] as const,
  ]),
  ["#avicbot mute thread", '{"verb":"mute","what":"thread"}'],
  ["#avicbot mute me", '{"verb":"mute","what":"me"}'],
  ["#avicbot unmute", '{"verb":"unmute","what":"all"}'],
  ["#avicbot help", '{"verb":"help"}'],
];
const literally = (text: string) => new RegExp(`^${text.replace(/[[\]{}|.*+?^$()\\]/g, "\\$&")}$`);
const NOTHING = /^\[\]$/;
const UNKNOWN = /^\[{"verb":"unknown"}\]$/;

const multipart = (part: string) =>
  letter(
    { Subject: "Re: x", "Content-Type": "multipart/mixed; boundary=B" },
    `--B\n\nHi\n--B\n${part}--B--\n`,
  );

/** Name, and the mail that a form is dressed up as: nobody's command. */
const NOBODYS: readonly (readonly [string, (form: string) => string])[] = [
  ["quoted", (form) => mail(`> ${form}\n>${form}\n | ${form}\n`)],
  ["indented", (form) => mail(` ${form}\n\t${form}\n`)],
  ["in a signature", (form) => mail(`Hi\n-- \n${form}\n`)],
  ["in a fence", (form) => mail(`\`\`\`\n${form}\n\`\`\`\n`)],
  ["in a forwarded mail", (form) => mail(`---- Forwarded message ----\n${form}\n`)],
  ["in a diff", (form) => mail(`diff --git a/x b/x\n+${form}\n${form}\n`)],
  ["in the subject", (form) => mail("Hi\n", { Subject: form })],
  ["in a folded subject", (form) => mail("Hi\n", { Subject: `x\n ${form}` })],
  ["in an encoded subject with a line end", (form) => mail("Hi\n", { Subject: encodedWord(`x\n\n${form}`) })],
  ["in a folded header", (form) => mail("Hi\n", { "X-Note": `x\n\t${form}` })],
  ["in somebody's name", (form) => mail("Hi\n", { From: `"${form}" <eve@example.com>` })],
  ["in full width", (form) => mail(`${form.replace("#", "\uff03")}\n`)],
  ["with a Cyrillic letter", (form) => mail(`${form.replace("avicbot", "\u0430vicbot")}\n`)],
  ["with a zero-width mark within", (form) => mail(`${form.replace("avic", "avic\u200b")}\n`)],
  ["behind a mark that turns text around", (form) => mail(`\u202e${form}\n`)],
  ["behind line separators", (form) => mail(`x\u2028${form}\u2029${form}\u0085${form}\n`)],
  ["behind a vertical tab and a form feed", (form) => mail(`x\v${form}\f${form}\n`)],
  ["in an attached mail", (form) => multipart(`Content-Type: message/rfc822\n\n${letter({}, `${form}\n`)}`)],
  [
    "in an attached file",
    (form) =>
      multipart(`Content-Type: text/x-patch\nContent-Disposition: attachment; filename=x\n\n${form}\n`),
  ],
];

/** Name, and the mail in which the form is the sender's own. */
const OWN: readonly (readonly [string, (form: string) => string])[] = [
  ["as it is", (form) => mail(`Hi,\n\n${form}\n\nEve\n`)],
  ["in CRLF", (form) => mail(`Hi,\r\n${form}\r\n`)],
  ["with blanks", (form) => mail(`${form.replaceAll(" ", " \t ")} \t \n`)],
  ["twice", (form) => mail(`${form}\n${form}\n`)],
  [
    "in base64",
    (form) =>
      letter(
        { Subject: "Re: x", "Content-Transfer-Encoding": "base64" },
        `${Buffer.from(`${form}\n`).toString("base64")}\n`,
      ),
  ],
];

const HOSTILE: readonly (readonly [string, string, RegExp])[] = [
  ["a verb in look-alikes", mail("#avicbot \u0430pprove\n"), UNKNOWN],
  [
    "verbs of Object.prototype",
    mail("#avicbot __proto__\n#avicbot constructor\n#avicbot toString\n"),
    UNKNOWN,
  ],
  ["NUL in place of the blank", mail("#avicbot\0approve\n"), NOTHING],
  ["folded over two lines", mail("#avicbot\n approve\n"), UNKNOWN],
  ["an option for an id", mail("#avicbot approve --all\n"), UNKNOWN],
  ["two ids", mail("#avicbot approve <a@b> <c@d>\n"), UNKNOWN],
  ["an id of 64 KiB", mail(`#avicbot approve <${"x".repeat(65_536)}@y>\n`), NOTHING],
  [
    "several: five count",
    mail(FORMS.map(([form]) => `${form}\n`).join("")),
    /^\[(?:{"verb":[^}]*},){4}{"verb":[^}]*}\]$/,
  ],
  ["mutes of others", mail("#avicbot mute paolo@example.com\n#avicbot mute all\n"), UNKNOWN],
];

const QUERY = /^\[{"verb":"query","target":null}\]$/;
const GROWN: readonly (readonly [string, number, (size: number) => string, RegExp])[] = [
  ["100,000 lines of one command", 100_000, (n) => mail("#avicbot query\n".repeat(n)), QUERY],
  ["a command behind 80,000 lines", 80_000, (n) => mail(`${"x\n".repeat(n)}#avicbot query\n`), QUERY],
  ["a command's line of 5 MB", 5_000_000, (n) => mail(`#avicbot ${"x".repeat(n)}\n`), NOTHING],
  ["5 MB of blanks in a command", 5_000_000, (n) => mail(`#avicbot${" \t".repeat(n / 2)}query\n`), QUERY],
  ["1,000,000 fences", 1_000_000, (n) => mail("```\n".repeat(n)), NOTHING],
];

const vector = (name: string, text: Vector["text"], verdict: RegExp, size?: number): Vector => ({
  class: 24,
  name,
  entrance: "commands",
  text,
  verdict,
  size,
});

export const COMMAND_VECTORS: readonly Vector[] = [
  ...FORMS.flatMap(([form, read]) => [
    ...NOBODYS.map(([dress, dressed]) => vector(`${form}, ${dress}`, () => dressed(form), NOTHING)),
    ...OWN.map(([dress, dressed]) =>
      vector(`${form}, ${dress}`, () => dressed(form), literally(`[${read}]`)),
    ),
    vector(`${form}, with more words`, () => mail(`${form} now please, and more\n`), UNKNOWN),
  ]),
  ...HOSTILE.map(([name, text, verdict]) => vector(`a command: ${name}`, () => text, verdict)),
  ...GROWN.map(([name, size, text, verdict]) => vector(name, text, verdict, size)),
];
