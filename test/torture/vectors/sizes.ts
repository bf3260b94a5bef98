/** What is only big: fields, lines, mails, threads. Each is measured at three sizes. */
import { encodedWord, letter, type Vector } from "./vector.ts";

const people = (count: number) =>
  Array.from({ length: count }, (_, at) => `P${at} <p${at}@example.com>`).join(",\n ");
const ids = (count: number) => Array.from({ length: count }, (_, at) => `<r${at}@example.com>`).join("\n ");

type Sized = readonly [number, string, Vector["entrance"], number, (size: number) => string, RegExp];

const MAILS: readonly Sized[] = [
  [
    4,
    "100,000 recipients",
    "mail",
    100_000,
    (n) => letter({ Cc: people(n) }),
    /"recipients":(?:[1-9]\d{0,2}|1\d{3}|2000),/,
  ],
  [
    4,
    "100,000 Received fields",
    "mail",
    100_000,
    (n) => "Received: from a by b;\n".repeat(n) + letter(),
    /"kind":/,
  ],
  [
    4,
    "a header line of 5 MB",
    "mail",
    5_000_000,
    (n) => letter({ "X-Long": "x".repeat(n) }),
    /"problems":\["[^\]]*header/,
  ],
  [
    4,
    "a folded field of 500,000 lines",
    "mail",
    500_000,
    (n) => letter({ "X-Long": "x\n ".repeat(n) }),
    /"kind":/,
  ],
  [4, "a million lines", "mail", 1_000_000, (n) => letter({}, "line\n".repeat(n)), /"kind":"other"/],
  [4, "a line of 7 MB", "mail", 7_000_000, (n) => letter({}, "x".repeat(n)), /"kind":"other"/],
  [
    4,
    "a mail of 25 MB",
    "archive",
    25_000_000,
    (n) => `From x\n${letter({}, "0123456789abcde\n".repeat(n / 16))}`,
    /^0 1 mails, .*would send 0$/,
  ],
  [
    4,
    "a line of 100 MB",
    "archive",
    100_000_000,
    (n) => `From x\n${letter({}, "x".repeat(n))}`,
    /^0 1 mails, .*would send 0$/,
  ],
  [
    4,
    "a review of a mail of 25 MB",
    "review",
    25_000_000,
    (n) => letter({}, "0123456789abcde\n".repeat(n / 16)),
    /^1 /,
  ],
  [
    5,
    "100,000 References",
    "mail",
    100_000,
    (n) => letter({ References: ids(n) }),
    /"references":(?:[1-9]\d{0,2}|1000),/,
  ],
  [
    5,
    "References of 200,000 brackets",
    "mail",
    200_000,
    (n) => letter({ References: "<".repeat(n) }),
    /"references":0/,
  ],
  [5, "100,000 References in the reply", "reply", 100_000, (n) => letter({ References: ids(n) }), /^clean /],
  [
    11,
    "100,000 Re:",
    "mail",
    100_000,
    (n) => letter({ Subject: `${"Re: ".repeat(n)}[PATCH] x` }),
    /"kind":"(?:reply|other)"/,
  ],
  [
    11,
    "50,000 brackets in the subject",
    "mail",
    50_000,
    (n) => letter({ Subject: "[".repeat(n) }),
    /"tag":null/,
  ],
  [
    11,
    "50,000 encoded words",
    "mail",
    50_000,
    (n) => letter({ Subject: `${encodedWord("a")} `.repeat(n) }),
    /"kind":/,
  ],
  [
    11,
    "half an encoded word, 200 KB of it",
    "mail",
    200_000,
    (n) => letter({ Subject: "=?u?q?".repeat(n / 6) }),
    /"kind":/,
  ],
  [11, "500,000 commas", "mail", 500_000, (n) => letter({ To: ",".repeat(n) }), /"recipients":0/],
  [
    11,
    "groups nested 20,000 deep",
    "mail",
    20_000,
    (n) => letter({ To: `${"g:".repeat(n)}a@b${";".repeat(n)}` }),
    /"kind":/,
  ],
  [
    11,
    "comments nested 100,000 deep",
    "mail",
    100_000,
    (n) => letter({ From: `${"(".repeat(n)} a@b` }),
    /"kind":/,
  ],
  [11, "100,000 quotes", "mail", 100_000, (n) => letter({ From: '"'.repeat(n) }), /"from":null/],
  [
    11,
    "quoting 200,000 deep",
    "mail",
    200_000,
    (n) => letter({ Subject: "Re: x" }, `${">".repeat(n)} #avicbot approve\n`),
    /"commands":0/,
  ],
  [
    11,
    "200,000 lines that look like commands",
    "mail",
    200_000,
    (n) => letter({ Subject: "Re: x" }, "#avicbot a b c\n".repeat(n)),
    /"commands":[0-5],/,
  ],
];

/** Mails of one thread; `parent` says whom the one at a place answers. */
function thread(count: number, parent: (at: number) => number): string {
  const mails = Array.from({ length: count }, (_, at) => {
    const fields = {
      "Message-ID": `<m${at}@example.com>`,
      "In-Reply-To": `<m${parent(at)}@example.com>`,
      Subject: `[PATCH ${(at % 9) + 1}/9] KVM: SVM: avic`,
    };
    return `From x\n${letter(fields, "diff --git a/arch/x86/kvm/svm/avic.c b/arch/x86/kvm/svm/avic.c\n")}\n`;
  });
  return mails.join("");
}

/** As many mails as a scan looks at together; an archive of more takes longer in proportion. */
const THREADS: readonly Sized[] = [
  [5, "a thread 1,000 deep", "archive", 1_000, (n) => thread(n, (at) => at - 1), /would send 0$/],
  [5, "1,000 answers to one mail", "archive", 1_000, (n) => thread(n, () => 0), /would send 0$/],
  [
    5,
    "a thread that answers itself",
    "archive",
    1_000,
    (n) => thread(n, (at) => (at + 1) % n),
    /would send 0$/,
  ],
  [5, "mails that answer themselves", "archive", 1_000, (n) => thread(n, (at) => at), /would send 0$/],
];

export const SIZE_VECTORS: readonly Vector[] = [...MAILS, ...THREADS].map(
  ([group, name, entrance, size, text, verdict]) => ({ class: group, name, entrance, size, text, verdict }),
);
