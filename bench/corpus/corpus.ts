/**
 * A list's mail from a seed, in any amount and constant memory, with what is true of each: 55 % replies with
 * quotes, 40 % patches and their covers, 5 % odd MIME, the parts of several series between each other.
 */
import { seededRandom } from "../../test/patch/random.ts";
import { coverBody, oddBody, patchBody, replyBody, type Body } from "./bodies.ts";
import { makeHeader } from "./headers.ts";
import { makePools, type Pools } from "./pools.ts";
import {
  planReroll,
  planSeries,
  subjectOf,
  touchesAvic,
  type PlannedPart,
  type SeriesPlan,
} from "./series.ts";

export interface MailTruth {
  readonly what: "mail";
  readonly id: string;
  readonly kind: "reply" | "patch" | "cover" | "odd";
  /** The same mail once more, by another way. */
  readonly copy: boolean;
  readonly date: string;
  readonly bytes: number;
  readonly headerBytes: number;
  readonly encoding: string;
  readonly series: number | null;
  readonly avic: boolean;
}

/** A series of which a part that came changes avic.c: what a scan has to find. */
export interface SeriesTruth {
  readonly what: "series";
  readonly id: string;
  readonly version: number;
  readonly patches: readonly string[];
  readonly missing: readonly number[];
}

export interface CorpusMail {
  /** The mail as a byte string. */
  readonly text: string;
  readonly truth: MailTruth;
}

export interface Corpus {
  readonly mails: Generator<CorpusMail>;
  /** All of them, once the mails have been taken. */
  readonly series: () => SeriesTruth[];
}

interface Parent {
  readonly id: string;
  readonly subject: string;
  readonly references: readonly string[];
  readonly excerpt: string;
}

const START = Date.parse("2026-01-01T00:00:00Z");
/** The mean distance of two mails on a list with 4,100 a day. */
const STEP_MS = 21_000;
/** Parts that wait to be sent: so many series are on their way between each other. */
const POOL = 24;
/** A part that is sent out of order is at most so far ahead. */
const AHEAD = 5;
const REMEMBERED = 400;
const EXCERPT = 6000;
const LIST = "kvm@vger.kernel.org";
const OTHER_LIST = "linux-kernel@vger.kernel.org";

export function makeCorpus({ seed, mails }: { seed: number; mails: number }): Corpus {
  const maker = new Maker(makePools(seededRandom(seed)));
  return {
    mails: maker.mails(mails),
    series: () => maker.seriesTruth(),
  };
}

class Maker {
  readonly #pools: Pools;
  readonly #waiting: PlannedPart[] = [];
  readonly #late: (Sent & { readonly due: number })[] = [];
  readonly #parents: Parent[] = [];
  readonly #former: SeriesPlan[] = [];
  readonly #sent = new Map<string, PlannedPart>();
  readonly #avic: SeriesPlan[] = [];
  #clock = START;
  #series = 0;
  /** Replies and odd mails, for their ids. */
  #others = 0;
  #patches = 0;
  #touching = 0;

  constructor(pools: Pools) {
    this.#pools = pools;
  }

  *mails(count: number): Generator<CorpusMail> {
    const { random } = this.#pools;
    for (let made = 0; made < count; made++) {
      this.#clock += random(2 * STEP_MS);
      const mail = this.#next(random(1000));
      yield mail;
      if (random(200) === 0 && made + 1 < count) {
        made++;
        yield this.#copy(mail);
      }
    }
  }

  seriesTruth(): SeriesTruth[] {
    return this.#avic.flatMap(({ series, parts }) => {
      const came = parts.filter(({ id }) => this.#sent.has(id));
      if (!came.some(touchesAvic)) return [];
      const patches = came.filter(({ index }) => index > 0);
      const numbers = new Set(patches.map(({ index }) => index));
      const missing = parts.map(({ index }) => index).filter((index) => index > 0 && !numbers.has(index));
      return [
        {
          what: "series",
          id: came[0]?.id ?? "",
          version: series.version,
          patches: patches.map(({ id }) => id),
          missing,
        },
      ];
    });
  }

  #next(of1000: number): CorpusMail {
    if (of1000 < 550 && this.#parents.length > 0) return this.#reply();
    return of1000 < 600 ? this.#odd() : this.#part();
  }

  #reply(): CorpusMail {
    const pools = this.#pools;
    const parent = pools.pick(this.#parents);
    const subject = parent.subject.startsWith("Re: ") ? parent.subject : `Re: ${parent.subject}`;
    return this.#mail(replyBody(pools, parent.excerpt), {
      kind: "reply",
      id: `${pools.hex(12)}.${++this.#others}@example.net`,
      from: `${pools.words(2)} <${pools.hex(5)}@example.net>`,
      subject,
      answers: parent,
      part: null,
    });
  }

  #odd(): CorpusMail {
    const pools = this.#pools;
    const answered = pools.random(3) > 0 ? (this.#parents.at(-1) ?? null) : null;
    const words = pools.words(6);
    const shown = pools.random(3) === 0 ? `=?UTF-8?B?${Buffer.from(words).toString("base64")}?=` : words;
    return this.#mail(oddBody(pools), {
      kind: "odd",
      id: `${pools.hex(16)}.${++this.#others}@mail.example.org`,
      from: `=?iso-8859-1?Q?J=F6rg?= <${pools.hex(5)}@example.org>`,
      subject: answered === null ? shown : `Re: ${shown}`,
      answers: answered,
      part: null,
    });
  }

  #part(): CorpusMail {
    const pools = this.#pools;
    const { part, at } = this.#takePart();
    this.#patches += part.index > 0 ? 1 : 0;
    if (part.series.avic) this.#sent.set(part.id, part);
    const { series } = part;
    return this.#mail(part.index === 0 ? coverBody(pools, part) : patchBody(pools, part), {
      kind: part.index === 0 ? "cover" : "patch",
      id: part.id,
      from: series.author,
      subject: subjectOf(part),
      answers: null,
      part,
      at,
    });
  }

  /** Mostly in order, several series mixed; some parts come long after they were sent, and some never. */
  #takePart(): Sent {
    const { random } = this.#pools;
    if (this.#late[0] !== undefined && this.#late[0].due <= this.#patches) return this.#late.shift() as Sent;
    for (;;) {
      while (this.#waiting.length < POOL) this.#plan();
      const [part] = this.#waiting.splice(random(AHEAD), 1) as [PlannedPart];
      const fate = part.series.total === 1 ? 1000 : random(1000);
      if (fate < 5) continue;
      const sent = { part, at: this.#clock };
      if (fate >= 15) return sent;
      this.#late.push({ ...sent, due: this.#patches + 30 });
    }
  }

  #plan(): void {
    const { random, pick } = this.#pools;
    const again = this.#former.length > 20 && random(4) === 0;
    const plan = again
      ? planReroll(this.#pools, pick(this.#former))
      : planSeries(this.#pools, ++this.#series, this.#touching < 1 + this.#patches * 0.002);
    this.#touching += plan.parts.filter(touchesAvic).length;
    if (plan.series.avic) this.#avic.push(plan);
    this.#waiting.push(...plan.parts);
    if (again)
      this.#former.splice(
        this.#former.findIndex(({ series }) => series.number === plan.series.number),
        1,
      );
    remember(this.#former, plan);
  }

  #mail(body: Body, made: Made): CorpusMail {
    const { part, answers } = made;
    const references = part === null ? referencesOf(answers) : threadOf(part);
    const header = makeHeader(this.#pools, {
      ...made,
      date: made.at ?? this.#clock,
      inReplyTo: references.at(-1) ?? null,
      references,
      list: this.#pools.random(3) > 0 ? LIST : OTHER_LIST,
      mime: body.mime,
    });
    const { subject, id } = made;
    if (body.text.length > 0)
      remember(this.#parents, { id, subject, references, excerpt: body.text.slice(0, EXCERPT) });
    const text = `${header}${body.text}`;
    return { text, truth: this.#truth(made, { text, header, body }) };
  }

  #truth(
    { kind, id, part, at }: Made,
    { text, header, body }: { text: string; header: string; body: Body },
  ): MailTruth {
    return {
      what: "mail",
      id,
      kind,
      copy: false,
      date: new Date(at ?? this.#clock).toISOString(),
      bytes: text.length,
      headerBytes: header.length,
      encoding: /^Content-Transfer-Encoding: (.*)$/m.exec(body.mime.join("\n"))?.[1] ?? "",
      series: part?.series.number ?? null,
      avic: part !== null && touchesAvic(part),
    };
  }

  /** Another list's copy: the same mail with another hop in front. */
  #copy({ text, truth }: CorpusMail): CorpusMail {
    const hop = `Received: from lists.example.org by mx.example.net with ESMTP id ${this.#pools.hex(10)}\n`;
    const bytes = { bytes: truth.bytes + hop.length, headerBytes: truth.headerBytes + hop.length };
    return { text: `${hop}${text}`, truth: { ...truth, ...bytes, copy: true } };
  }
}

interface Made {
  readonly kind: MailTruth["kind"];
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  readonly answers: Parent | null;
  readonly part: PlannedPart | null;
  /** When it was sent, in milliseconds since the epoch; as it comes, if nothing is said. */
  readonly at?: number;
}

/** A part and when its author sent it. */
interface Sent {
  readonly part: PlannedPart;
  readonly at: number;
}

function referencesOf(parent: Parent | null): readonly string[] {
  return parent === null ? [] : [...parent.references.slice(-8), parent.id];
}

function threadOf({ series, id, root }: PlannedPart): readonly string[] {
  const above = series.answers === null ? [] : [series.answers];
  return series.threaded && id !== root ? [...above, root] : above;
}

/** Keeps the latest few. */
function remember<T>(kept: T[], one: T): void {
  kept.push(one);
  if (kept.length > REMEMBERED) kept.shift();
}
