/**
 * The reader of mails beside mailparser and `git mailinfo` on real mails. Where they differ for a reason, the
 * reason is a function here; every other difference fails. AVICBOT_ALL_MAILS=1 compares every mail.
 */
import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AddressObject, type ParsedMail, simpleParser } from "mailparser";
import { type Message, parseMessage } from "../../src/mail/message.ts";
import { parseParameterised } from "../../src/mail/parameters.ts";
import { readMessages } from "../../src/sources/mbox.ts";
import { mailsPath, withoutMails } from "../mails.ts";

const all = Boolean(process.env["AVICBOT_ALL_MAILS"]);
const noGit = spawnSync("git", ["--version"]).status === 0 ? false : "no git";

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Every `step`-th mail of a box; large ones only in a full run. */
async function* sample(box: string, step: number): AsyncGenerator<Sample> {
  let at = 0;
  for await (const { bytes } of readMessages(mailsPath(`${box}.mboxrd.gz`))) {
    const taken = all || (at % step === 0 && bytes.length < 200_000);
    if (taken) yield { name: `${box} ${at}`, bytes };
    at++;
  }
}

function squeeze(text: string): string {
  return text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ").trim();
}

function typeOf(message: Message) {
  return parseParameterised(message.header("content-type")[0] ?? "text/plain");
}

function charsetOf(message: Message): string {
  return (typeOf(message).parameters.get("charset") ?? "").toLowerCase();
}

function has(message: Message, code: string): boolean {
  return message.problems.some((problem) => problem.code === code);
}

function addressesOf(field: AddressObject | AddressObject[] | undefined): string {
  const groups = field === undefined ? [] : [field].flat();
  const boxes = groups.flatMap(({ value }) => value).flatMap((box) => box.group ?? [box]);
  return boxes.flatMap(({ address }) => address || []).join();
}

/** mailparser unflows format=flowed, takes no attachments, and decodes by charsets that lie. */
function textIsComparable(message: Message): boolean {
  return typeOf(message).value === "text/plain" && !has(message, "unknown-charset") && !isFlowed(message);
}

function isFlowed(message: Message): boolean {
  return typeOf(message).parameters.has("format");
}

function compareWithMailparser(name: string, mine: Message, theirs: ParsedMail): void {
  // Of equal fields mailparser takes the last, we the first.
  if (mine.header("from").length > 1 || has(mine, "several-message-ids")) return;
  // mailparser keeps what stands behind the bracket: `<id>+78E9`.
  assert.equal(mine.messageId ?? "", (theirs.messageId ?? "").replace(/^<|>.*$/g, ""), `${name}: id`);
  assert.equal(squeeze(mine.subject), squeeze(theirs.subject ?? ""), `${name}: subject`);
  assert.equal(mine.from?.address, theirs.from?.value[0]?.address, `${name}: from`);
  const shown = squeeze(mine.from?.name ?? "");
  // mailparser leaves out a name that is the address again.
  if (shown !== mine.from?.address)
    assert.equal(shown, squeeze(theirs.from?.value[0]?.name ?? ""), `${name}: name`);
  assert.equal(mine.to.map(({ address }) => address).join(), addressesOf(theirs.to), `${name}: to`);
  assert.equal(mine.cc.map(({ address }) => address).join(), addressesOf(theirs.cc), `${name}: cc`);
  // Without a usable date mailparser says now.
  if (mine.date !== null) assert.equal(mine.date, theirs.date?.toISOString(), `${name}: date`);
  if (textIsComparable(mine)) assert.equal(squeeze(mine.text), squeeze(theirs.text ?? ""), `${name}: text`);
}

const OPTIONS = { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true };

for (const [box, step] of [
  ["odd", 4],
  ["kvm-cc", 200],
  ["bots", 100],
] as const)
  // prettier-ignore
  test(`mailparser agrees on ${box}`, { skip: withoutMails, timeout: 900_000 }, async () => {
    for await (const { name, bytes } of sample(box, step))
      compareWithMailparser(name, parseMessage(bytes), await simpleParser(bytes, OPTIONS));
  });

interface MailInfo {
  readonly failed: string | null;
  readonly email: string;
  readonly subject: string;
  /** Byte string: what `git am` would apply. */
  readonly patch: string;
}

function mailInfo(bytes: Buffer, folder: string): MailInfo {
  const [text, patch] = [join(folder, "text"), join(folder, "patch")];
  const run = spawnSync("git", ["mailinfo", "-k", text, patch], { input: bytes, cwd: folder });
  const out = run.stdout.toString("utf8");
  return {
    failed: run.status === 0 ? null : run.stderr.toString("utf8"),
    email: /^Email: (.*)$/m.exec(out)?.[1] ?? "",
    subject: /^Subject: (.*)$/m.exec(out)?.[1] ?? "",
    patch: readFileSync(patch).toString("latin1").replaceAll("\r\n", "\n"),
  };
}

/** git takes every part and attachment for text, undoes format=flowed, and leaves a patch in its charset. */
function patchIsComparable(message: Message): boolean {
  const known = /^(?:|utf-?8|us-ascii|y|yes|8|true|iso-8859-\d+|windows-125\d)$/.test(charsetOf(message));
  return typeOf(message).value === "text/plain" && !isFlowed(message) && known;
}

function asciiOf(text: string): string {
  return text.replace(/[^\n -~]/g, "").trimEnd();
}

function compareWithGit(name: string, mine: Message, git: MailInfo): void {
  if (git.failed !== null) {
    // git gives up on charsets that iconv does not know; the mail is read here all the same.
    assert.match(git.failed, /cannot convert from/, name);
    assert.ok(mine.patchText.length > 0, `${name}: no text`);
    return;
  }
  if (!mine.subject.includes("=?"))
    assert.equal(squeeze(mine.subject), squeeze(git.subject), `${name}: subject`);
  // A From line in the text names the patch's author; here the sender counts.
  const inBody = mine.text.toLowerCase().includes(`<${git.email.toLowerCase()}>`);
  if (!inBody) assert.equal(mine.from?.address ?? "", git.email, `${name}: from`);
  if (!patchIsComparable(mine)) return;
  if (/^(?:|utf-?8|us-ascii)$/.test(charsetOf(mine)))
    assert.ok(mine.patchText.trimEnd().endsWith(git.patch.trimEnd()), `${name}: the patch differs`);
  else assert.ok(asciiOf(mine.patchText).endsWith(asciiOf(git.patch)), `${name}: the patch differs`);
}

for (const [box, step] of [
  ["odd", 6],
  ["kvm-cc", 250],
] as const)
  // prettier-ignore
  test(`git mailinfo agrees on ${box}`, { skip: withoutMails || noGit, timeout: 900_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "avicbot-mailinfo-"));
    try {
      for await (const { name, bytes } of sample(box, step))
        compareWithGit(name, parseMessage(bytes), mailInfo(bytes, folder));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
