/** Bodies: parts in parts, broken parts, bombs to decode, characters of all sets. */
import { changing, withBody } from "./patches.ts";
import { DIFF, letter, type Vector } from "./vector.ts";

const multipart = (type = "mixed") => `multipart/${type}; boundary=B`;

function mime(type: string, body: string, more: Record<string, string> = {}): string {
  return letter({ "MIME-Version": "1.0", "Content-Type": type, ...more }, body);
}

function parts(...texts: readonly string[]): string {
  return `${texts.map((text) => `--B\n${text}\n`).join("")}--B--\n`;
}

function nested(depth: number): string {
  let open = "";
  for (let at = 0; at < depth; at++) open += `Content-Type: multipart/mixed; boundary=b${at}\n\n--b${at}\n`;
  return letter({ "MIME-Version": "1.0" }).replace(
    /\n\n[^]*/,
    `\n${open}Content-Type: text/plain\n\n${DIFF}`,
  );
}

function attachments(depth: number): string {
  const inner = "Content-Type: message/rfc822\n\n".repeat(depth);
  return letter().replace(/\n\n[^]*/, `\nMIME-Version: 1.0\n${inner}${letter()}`);
}

const SHAPES: readonly [name: string, text: (count: number) => string, verdict: RegExp][] = [
  ["parts nested 10,000 deep", nested, /"diffs":0/],
  [
    "10,000 parts side by side",
    (count) => mime(multipart(), `${"--B\n\nx\n".repeat(count)}--B--\n`),
    /"problems":\["[^\]]*part/,
  ],
  ["mails in mails 10,000 deep", attachments, /"diffs":0/],
];

const structure: readonly Vector[] = [
  ...SHAPES.flatMap(([name, text, verdict]): Vector[] => [
    { class: 6, name, entrance: "mail", text, size: 10_000, verdict },
    {
      class: 6,
      name: `a review of ${name}`,
      entrance: "review",
      text,
      size: 10_000,
      verdict: /^1 avicbot: no patch/,
    },
  ]),
  {
    class: 6,
    name: "a forwarded patch is nobody's submission",
    entrance: "review",
    text: () =>
      mime(
        multipart(),
        parts("\nSee below.", `Content-Type: message/rfc822\n\n${changing().replace(/^From .*\n/, "")}`),
      ),
    verdict: /^1 .*no patch in the mail/,
  },
];

const MALFORMED: readonly [string, () => string, RegExp][] = [
  ["a multipart without a boundary", () => mime("multipart/mixed", DIFF), /"kind":/],
  ["an empty boundary", () => mime('multipart/mixed; boundary=""', `--\n\n${DIFF}--\n`), /"kind":/],
  ["a boundary of 100 KB", () => mime(`multipart/mixed; boundary="${"B".repeat(100_000)}"`, DIFF), /"kind":/],
  [
    "a boundary that begins another one",
    () =>
      mime(
        multipart(),
        `--B\nContent-Type: multipart/mixed; boundary=BB\n\n--BB\n\n${DIFF}\n--BB--\n--B--\n`,
      ),
    /"diffs":1/,
  ],
  ["a part that never ends", () => mime(multipart(), `--B\n\n${DIFF}`), /"diffs":1/],
  ["nothing but the end of its parts", () => mime(multipart(), "--B--\n"), /"diffs":0/],
  [
    "parts of somebody else's boundary",
    () => mime(multipart(), `--C\n\n${DIFF}--C--\n`),
    /"problems":\["boundary-not-found"\]/,
  ],
  [
    "two Content-Types",
    () => mime("text/plain", DIFF).replace("MIME-Version", "Content-Type: text/html\nMIME-Version"),
    /"kind":/,
  ],
  ["a Content-Type of nonsense", () => mime(";;;=/\0", DIFF), /"kind":/],
  ["50,000 parameters", () => mime(`text/plain${"; a=b".repeat(50_000)}`, DIFF), /"kind":/],
  [
    "an encoding that does not exist",
    () => mime("text/plain", DIFF, { "Content-Transfer-Encoding": "rot13" }),
    /"kind":/,
  ],
  [
    "uuencode",
    () => mime("text/plain", "begin 644 x\n#0V%T\n`\nend\n", { "Content-Transfer-Encoding": "x-uuencode" }),
    /"diffs":0/,
  ],
  [
    "a body elsewhere",
    () =>
      mime(
        'message/external-body; access-type=URL; URL="http://example.com/x"',
        "Content-Type: text/plain\n\n",
      ),
    /"diffs":0/,
  ],
  ["a part of a message", () => mime("message/partial; id=x; number=2; total=2", DIFF), /"kind":/],
  ["no header at all", () => `\n${DIFF}`, /"id":null/],
  ["no body at all", () => letter({}, "").trimEnd(), /"diffs":0/],
  ["nothing", () => "", /"id":null/],
  ["only line ends", () => "\r\n\n\r\r\n".repeat(1000), /"id":null/],
  ["a header line without a colon", () => letter().replace("Subject", "Nonsense\nSubject"), /"kind":"other"/],
  ["a NUL in every line", () => letter({}, DIFF.replaceAll("\n", "\0\n")), /"kind":/],
  ["lone CRs for line ends", () => letter({}, DIFF).replaceAll("\n", "\r"), /"diffs":1/],
  ["CR and LF mixed", () => letter({}, DIFF).replace("\n", "\r").replace("\n", "\r\n"), /"kind":/],
];
const malformed: readonly Vector[] = MALFORMED.map(([name, text, verdict]) => ({
  class: 7,
  name,
  entrance: "mail",
  text,
  verdict,
}));

const MEGABYTE = 1 << 20;
const bombs: readonly Vector[] = [
  {
    class: 8,
    name: "6 MB of base64 in one line",
    entrance: "mail",
    text: (bytes) =>
      mime("text/plain", Buffer.alloc(bytes, "a").toString("base64"), {
        "Content-Transfer-Encoding": "base64",
      }),
    size: 6 * MEGABYTE,
    verdict: /"text":"a{100}"/,
  },
  {
    class: 8,
    name: "base64 in lines of one character",
    entrance: "mail",
    text: (bytes) => mime("text/plain", "Y\n".repeat(bytes / 2), { "Content-Transfer-Encoding": "base64" }),
    size: 4 * MEGABYTE,
    verdict: /"diffs":0/,
  },
  {
    class: 8,
    name: "base64 that ends a million times",
    entrance: "mail",
    text: (blocks) => mime("text/plain", "YQ==".repeat(blocks), { "Content-Transfer-Encoding": "base64" }),
    size: 1_000_000,
    verdict: /"text":"a{100}"/,
  },
  {
    class: 8,
    name: "a million soft line breaks",
    entrance: "mail",
    text: (lines) =>
      mime("text/plain", `${"=\n".repeat(lines)}x`, { "Content-Transfer-Encoding": "quoted-printable" }),
    size: 1_000_000,
    verdict: /"bytes":[12]\b/,
  },
  {
    class: 8,
    name: "broken quoted-printable",
    entrance: "mail",
    text: (count) =>
      mime("text/plain", "=4=G=\t=".repeat(count), { "Content-Transfer-Encoding": "quoted-printable" }),
    size: 500_000,
    verdict: /"diffs":0/,
  },
  {
    class: 8,
    name: "a zip bomb is not even decoded",
    entrance: "mail",
    text: () =>
      mime(
        multipart(),
        parts(
          `\n${DIFF}`,
          `Content-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n${"H4sI".repeat(MEGABYTE)}`,
        ),
      ),
    verdict: /"diffs":1/,
  },
];

const CHARSETS: readonly [string, string, string, RegExp][] = [
  ["UTF-7 markup", "utf-7", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-", /"text":"(?!.*<script)/],
  ["UTF-16 that says ASCII", "us-ascii", "\xff\xfeP\0A\0T\0C\0H\0", /"text":"(?!.*\\u0000)/],
  ["ASCII that says UTF-16", "utf-16le", DIFF, /"kind":/],
  ["an unknown charset", "x-evil", DIFF, /"diffs":1/],
  ["a charset of 10 KB", "x".repeat(10_000), DIFF, /"diffs":1/],
  ["a charset with controls", '"a\0\r\n b"', DIFF, /"kind":/],
  [
    "ISO-2022-JP that never leaves its set",
    "iso-2022-jp",
    `\x1b$B${"$".repeat(10_000)}\n${DIFF}`,
    /"text":"(?!.*\\u001b)/,
  ],
  ["GB 18030", "gb18030", `\x81\x30\x81\x30\xff\n${DIFF}`, /"diffs":1/],
  ["half a UTF-8 character", "utf-8", `\xe2\x82\n${DIFF}`, /"diffs":1/],
  ["overlong UTF-8", "utf-8", `\xc0\xbcscript\xc0\xbe\n${DIFF}`, /"text":"(?!<script)/],
];
const charsets: readonly Vector[] = CHARSETS.map(([name, charset, body, verdict]) => ({
  class: 9,
  name,
  entrance: "mail",
  text: () => mime(`text/plain; charset=${charset}`, body),
  verdict,
}));

const asHtml = (text: string) => `<html><pre>${text.replaceAll("<", "&lt;")}</pre></html>`;
const withType = (type: string, change: (body: string) => string) =>
  withBody(changing(), change).replace("Subject:", `MIME-Version: 1.0\nContent-Type: ${type}\nSubject:`);
const damaged: readonly Vector[] = [
  ["as it is", () => changing(), /^0 changed$/],
  ["with CRLF: the same verdict", () => changing().replaceAll("\n", "\r\n"), /^0 changed$/],
  ["as HTML alone", () => withType("text/html", asHtml), /^(?:1 .*no patch|3 undetermined|0 not-applicable)/],
  [
    "with tabs made blanks",
    () => withBody(changing(), (body) => body.replaceAll("\t", "        ")),
    /^3 undetermined/,
  ],
  [
    "wrapped at 60",
    () => withBody(changing(), (body) => body.replace(/^(.{60})(.+)$/gm, "$1\n$2")),
    /^3 undetermined/,
  ],
  [
    "cut in the middle of its hunk",
    () => withBody(changing(), (body) => body.slice(0, body.indexOf("\n+") + 2)),
    /^3 undetermined/,
  ],
  [
    "with its leading blanks gone",
    () => withBody(changing(), (body) => body.replace(/^ /gm, "")),
    /^3 undetermined/,
  ],
  ["quoted once", () => withBody(changing(), (body) => body.replace(/^/gm, "> ")), /^1 .*no patch/],
].map(([name, text, verdict]) => ({
  class: 10,
  name: `the patch ${name as string}`,
  entrance: "review",
  text: text as () => string,
  verdict: verdict as RegExp,
}));

export const MIME_VECTORS: readonly Vector[] = [
  ...structure,
  ...malformed,
  ...bombs,
  ...charsets,
  ...damaged,
];
