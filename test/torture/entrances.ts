/** The ways into avicbot that take one file of bytes; each answers with its verdict in one line. */
import { createReadStream, readFileSync } from "node:fs";
import { runVerb } from "../cli/in-process.ts";
import { loadConfig } from "../../src/config.ts";
import { classify } from "../../src/mail/classify.ts";
import { parseMessage, type Message } from "../../src/mail/message.ts";
import { assembleSeries } from "../../src/mail/series.ts";
import { packagePath } from "../../src/package-root.ts";
import { parseDiff } from "../../src/patch/parse.ts";
import { parseCommands } from "../../src/reply/commands/parse.ts";
import { replyEnvelope } from "../../src/reply/envelope.ts";
import { composeMail } from "../../src/reply/mail.ts";
import { renderReply } from "../../src/reply/render.ts";
import type { Review } from "../../src/review/types.ts";
import { machineOf, shown } from "../c/evaluate.ts";
import { sampleOptions } from "../reply/target.ts";
import { sampleReview } from "../review/sample.ts";

const TREE = packagePath("demo", "linux");

export const ENTRANCES = {
  /** The parser, and everything that a service asks of a mail. */
  mail: (path: string) => JSON.stringify(readMail(parseMessage(readFileSync(path)))),
  /** The commands that a mail gives. */
  commands: (path: string) => JSON.stringify(parseCommands(parseMessage(readFileSync(path)).ownText)),
  /** The diffs of a text. */
  diff: (path: string) => {
    const { files, problems } = parseDiff(readFileSync(path, "latin1"));
    const changes = files.map(({ change, oldPath, newPath }) => `${change} ${oldPath} ${newPath}`);
    return [...changes.slice(0, 5), ...problems.map(({ code, text }) => `${code}: ${text}`)].join("; ");
  },
  /** The command, on the sample kernel. */
  review: (path: string) => verb(["review", "-", "--tree", TREE, "--json"], path),
  /** An archive of one or more mails. */
  archive: (path: string) => verb(["scan", path, "--tree", TREE]),
  /** What would be written to the list, if this were the mail to answer. */
  reply: (path: string) => readReply(parseMessage(readFileSync(path))),
  /** C whose function `f` is asked for its value. */
  c: (path: string) => {
    const outcome = machineOf(readFileSync(path, "latin1")).call("f", [], "a.c");
    return "stopped" in outcome
      ? `stopped: ${outcome.stopped.code}, ${outcome.stopped.reason}`
      : shown(outcome);
  },
  config: (path: string) => {
    try {
      return JSON.stringify(loadConfig({ environment: {}, file: path }).mode);
    } catch (error) {
      return (error as Error).message;
    }
  },
} satisfies Record<string, (path: string) => string | Promise<string>>;

export type Entrance = keyof typeof ENTRANCES;

function readMail(message: Message): object {
  const { kind, subject } = classify(message);
  const { series, unplaced } = assembleSeries([message]);
  const { from, to, cc } = message;
  return {
    kind,
    subject: message.subject.slice(0, 200),
    tag: subject.isPatch ? `v${subject.version} ${subject.index}/${subject.total}` : null,
    id: message.messageId?.slice(0, 100) ?? null,
    answerable: message.answerable,
    from: from?.address ?? null,
    recipients: to.length + cc.length,
    references: message.references.length,
    series: series.length,
    unplaced: unplaced.length,
    commands: parseCommands(message.ownText).length,
    diffs: parseDiff(message.patchText).files.length,
    problems: [...new Set(message.problems.map(({ code }) => code))],
    text: message.text.slice(0, 100),
    bytes: message.patchText.length,
  };
}

async function verb(args: readonly string[], stdin?: string): Promise<string> {
  const { code, out, err } = await runVerb(
    args,
    stdin === undefined ? process.stdin : createReadStream(stdin),
  );
  const reviews = args.includes("--json") ? out.split("\n").filter((line) => line !== "") : [];
  const verdicts = reviews.map((line) => {
    const { verdict, reason } = JSON.parse(line) as Review;
    return reason === null ? verdict : `${verdict}: ${reason}`;
  });
  return `${code} ${(reviews.length > 0 ? verdicts.join("; ") : out.trimEnd().replaceAll("\n", "; ")) + err.trimEnd()}`;
}

/** Names of the header, the recipients, and whether all of it is what may stand in a mail. */
function readReply(target: Message): string {
  const review = sampleReview();
  const made = replyEnvelope(review, target, sampleOptions());
  if (!made.ok) return made.reason;
  const { to, cc } = made.envelope;
  const mail = composeMail(made.envelope, renderReply(review, target));
  const head = mail.slice(0, mail.indexOf("\n\n"));
  const fields = head.split(/\n(?![ \t])/).map((field) => field.slice(0, field.indexOf(":")));
  const longest = Math.max(...mail.split("\n").map((line) => line.length));
  const clean =
    /^[\t\n\x20-\x7e]*$/.test(head) && !/[^\t\n\x20-\x7e\xa0-\uffff]/.test(mail) && longest <= 998;
  return `${clean ? "clean" : "UNCLEAN"} ${fields.join(",")} > ${[...to, ...cc].map(({ address }) => address).join(",")}`;
}
