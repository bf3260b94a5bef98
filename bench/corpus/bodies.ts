/** What stands under the header: patches, covers, replies with quotes, and odd forms of MIME. */
import type { Pools } from "./pools.ts";
import type { Encoding, PlannedPart } from "./series.ts";

export interface Body {
  /** A byte string. */
  readonly text: string;
  readonly mime: readonly string[];
}

const PLAIN = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=UTF-8"];

export function patchBody(pools: Pools, part: PlannedPart): Body {
  const { files, diffBytes, series, encoding } = part;
  const message = `${pools.prose(3 + pools.random(15))}\nSigned-off-by: ${series.author}\n---\n`;
  const stat = files.map((path) => ` ${path} | ${1 + pools.random(90)} ++--\n`).join("");
  const share = diffBytes / files.length;
  const diff = files.map((path) => fileDiff(pools, path, share)).join("");
  return encoded(`${message}${stat}\n${diff}-- \n2.47.0\n\n`, encoding);
}

function fileDiff(pools: Pools, path: string, bytes: number): string {
  let text = `diff --git a/${path} b/${path}\nindex ${pools.hex(12)}..${pools.hex(12)} 100644\n--- a/${path}\n+++ b/${path}\n`;
  do text += pools.hunk();
  while (text.length < bytes);
  return text;
}

export function coverBody(pools: Pools, { series }: PlannedPart): Body {
  const list = series.titles.map((title) => `  ${title}\n`).join("");
  return encoded(
    `${pools.prose(10 + pools.random(40))}\n${series.author} (${series.total}):\n${list}\n-- \n2.47.0\n\n`,
    "8bit",
  );
}

/** Quotes of what it answers with words between; now and then in quoted-printable. */
export function replyBody(pools: Pools, quoted: string): Body {
  const { random } = pools;
  const lines = quoted.split("\n").slice(0, 10 + random(80));
  let text = `On some day, ${pools.words(2)} wrote:\n`;
  for (let at = 0; at < lines.length;) {
    const end = at + 3 + random(20);
    text += `${lines
      .slice(at, end)
      .map((line) => `> ${line}\n`)
      .join("")}\n${pools.prose(1 + random(8))}\n`;
    at = end;
  }
  const encoding = random(12) === 0 ? "quoted-printable" : "8bit";
  return encoded(`${text}-- \n${pools.words(2)}\n`, encoding);
}

function encoded(text: string, encoding: Encoding): Body {
  return { text: encode(text, encoding), mime: [...PLAIN, `Content-Transfer-Encoding: ${encoding}`] };
}

function encode(text: string, encoding: Encoding): string {
  if (encoding === "8bit") return text;
  if (encoding === "base64")
    return `${Buffer.from(text, "latin1").toString("base64").replace(/.{76}/g, "$&\n")}\n`;
  return text.replace(/=/g, "=3D").replace(/[\t ]$/gm, (blank) => (blank === " " ? "=20" : "=09"));
}

type Odd = (pools: Pools) => Body;

/** One of the forms that make up the odd mails of a list. */
export function oddBody(pools: Pools): Body {
  return pools.pick(ODD)(pools);
}

function multipart(kind: string, parts: readonly string[], end = true): Body {
  const mark = "=_part_of_this_mail";
  const text = parts.map((part) => `--${mark}\n${part}\n`).join("");
  return {
    text: `A mail in parts.\n${text}${end ? `--${mark}--\n` : ""}`,
    mime: ["MIME-Version: 1.0", `Content-Type: multipart/${kind}; boundary="${mark}"`],
  };
}

function part(type: string, text: string, encoding: Encoding = "8bit"): string {
  return `Content-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\n\n${encode(text, encoding)}`;
}

const HTML = "text/html; charset=utf-8";
const TEXT = "text/plain; charset=utf-8";

const ODD: readonly Odd[] = [
  (pools) =>
    multipart("alternative", [
      part(TEXT, pools.prose(20), "quoted-printable"),
      part(HTML, `<html><body><p>${pools.prose(20)}</p></body></html>`, "base64"),
    ]),
  (pools) =>
    multipart("mixed", [
      part(TEXT, pools.prose(10)),
      part('text/x-patch; name="fix.patch"', fileDiff(pools, "mm/page_alloc.c", 4000), "base64"),
    ]),
  (pools) =>
    multipart("mixed", [
      multipartInside(pools),
      part('application/octet-stream; name="dmesg.gz"', pools.noise(9000), "base64"),
    ]),
  (pools) =>
    multipart("signed", [part(TEXT, pools.prose(30)), part("application/pgp-signature", pools.noise(700))]),
  (pools) => multipart("mixed", [part(TEXT, pools.prose(15)), part(TEXT, pools.prose(5))], false),
  (pools) => ({
    text: `<html>${pools.prose(40)}</html>\n`,
    mime: ["MIME-Version: 1.0", `Content-Type: ${HTML}`],
  }),
  (pools) => ({
    text: pools.prose(25),
    mime: [...PLAIN.slice(0, 1), "Content-Type: text/plain; format=flowed"],
  }),
  (pools) => ({
    text: pools.prose(12).replace(/e/g, "\xe9"),
    mime: [
      ...PLAIN.slice(0, 1),
      "Content-Type: text/plain; charset=koi8-r",
      "Content-Transfer-Encoding: 8-bit",
    ],
  }),
  () => ({ text: "", mime: [] }),
  (pools) => ({ text: `${pools.prose(60).replace(/\n/g, " ")}\n`, mime: PLAIN }),
];

function multipartInside(pools: Pools): string {
  const { text, mime } = multipart("related", [part(HTML, pools.prose(8))]);
  return `${mime[1]?.replace("of_this", "within_this") ?? ""}\n\n${text.replaceAll("of_this", "within_this")}`;
}
