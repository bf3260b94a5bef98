/** Mails whose header wants to become somebody else's header, another mail, or another person. */
import { encodedWord, letter, type Vector } from "./vector.ts";

const EXPECTED =
  /^clean From,To,(?:Cc,)?Subject,Date,Message-ID,In-Reply-To,References,Auto-Submitted,X-Avicbot-Loop,Content-Transfer-Encoding,MIME-Version,Content-Type > (?!.*evil@)/;

/** What an attacker hides in a header that the reply echoes. */
const PAYLOADS: readonly [string, string][] = [
  ["CR LF in an encoded word", encodedWord("x\r\nBcc: evil@example.net\r\n\r\nbody")],
  ["LF in an encoded word", encodedWord("x\nX-Evil: 1")],
  ["CR in an encoded word", encodedWord("x\rX-Evil: 1")],
  ["quoted-printable CR LF", "=?UTF-8?Q?x=0D=0ABcc:_evil=40example.net?="],
  ["a bare CR", "x\rX-Evil: 1"],
  ["NUL and escape", "x\0y\x1b[31mz"],
  ["line separators", encodedWord("x\u2028X-Evil: 1\u2029\u0085y")],
  ["bidi and zero-width marks", encodedWord("x\u202e\u2066gro.lenrek\u200b\u200f\u2069")],
  ["an encoded word in an encoded word", encodedWord(encodedWord("x\r\nBcc: evil@example.net"))],
  ["UTF-7", "=?UTF-7?Q?x+AA0ACg-Bcc: evil+AEA-example.net?="],
  ["UTF-16", `=?UTF-16BE?B?${Buffer.from("\0x\0\r\0\n\0B\0c\0c\0:", "latin1").toString("base64")}?=`],
  ["a second field folded in", "x\n\tBcc: evil@example.net"],
  ["64 KiB", "x".repeat(65_536)],
];

/** The headers that an answer takes something from. */
const ECHOED: Readonly<Record<string, (payload: string) => Record<string, string>>> = {
  Subject: (payload) => ({ Subject: `[PATCH] ${payload}` }),
  "From's name": (payload) => ({ From: `${payload} <eve@example.com>` }),
  "From's quoted name": (payload) => ({ From: `"${payload.replaceAll('"', "")}" <eve@example.com>` }),
  "From's comment": (payload) => ({ From: `eve@example.com (${payload})` }),
  "Reply-To's name": (payload) => ({ "Reply-To": `${payload} <eve@example.com>` }),
  "Cc's name": (payload) => ({ Cc: `${payload} <kvm@vger.kernel.org>` }),
  References: (payload) => ({ References: `<a@example.com> ${payload} <${payload}> <b@example.com>` }),
  "In-Reply-To": (payload) => ({ "In-Reply-To": `<${payload}@example.com> ${payload}` }),
  "List-Id": (payload) => ({ "List-Id": `${payload} <kvm.vger.kernel.org>` }),
  "Mail-Followup-To": (payload) => ({ "Mail-Followup-To": `${payload} <kvm@vger.kernel.org>` }),
};

const injections: readonly Vector[] = Object.entries(ECHOED).flatMap(([field, fields]) =>
  PAYLOADS.map(([payload, text]) => ({
    class: 1,
    name: `${payload} in ${field}`,
    entrance: "reply" as const,
    text: () => letter(fields(text)),
    verdict: EXPECTED,
  })),
);

/** Message-IDs, and the id that is answered, or null where it cannot be. */
const IDS: readonly [string, string | null, string | null][] = [
  ["missing", null, null],
  ["empty", "<>", null],
  ["blank", "", null],
  ["64 KiB", `<${"x".repeat(65_536)}@example.com>`, null],
  ["of pattern characters", "<a:b:c*{x}?@example.com>", "a:b:c*{x}?@example.com"],
  ["__proto__", "<__proto__>", "__proto__"],
  ["a path", "<../../etc/cron.d/x@y>", "../../etc/cron.d/x@y"],
  ["an option", "<--upload-pack=touch@example.com>", "--upload-pack=touch@example.com"],
  ["in comments", "(c)<a@b>(c)", "a@b"],
  ["without brackets", "a@b", "a@b"],
  ["two of them", "<good@x> <evil@y>", "good@x"],
  ["with a CR", "<a\rb@x>", null],
  ["with a blank", "<a b@x>", null],
  ["not ASCII", "<\xe4@x>", null],
  ["with NUL", "<a\0b@x>", null],
];
const identities: readonly Vector[] = IDS.map(([name, id, answered]) => ({
  class: 3,
  name: `a Message-ID ${name}`,
  entrance: "reply" as const,
  text: () => letter({}).replace(/^Message-ID: .*\n/m, id === null ? "" : `Message-ID: ${id}\n`),
  verdict: answered === null ? /^the mail has no usable Message-ID$/ : EXPECTED,
}));

const twice: Vector = {
  class: 3,
  name: "two Message-ID headers: the first counts",
  entrance: "mail",
  text: () => letter({}).replace("Subject:", "Message-ID: <second@example.com>\nSubject:"),
  verdict: /"id":"x@example.com"/,
};

const MARKS = "\u202a\u202e\u2066\u2069\u200b\u200d\ufeff";
const people: readonly Vector[] = [
  {
    class: 24,
    name: "a maintainer's name in letters of another script is another person",
    entrance: "mail",
    text: () =>
      letter(
        { From: `${encodedWord("Pаolo Bonzini")} <pbonzini@redhаt.com>`, Subject: "Re: x" },
        "#avicbot approve\n",
      ),
    verdict: /"from":(?!"pbonzini@redhat\.com")/,
  },
  {
    class: 24,
    name: "commands in quotes, signatures, attributions and diffs are nobody's",
    entrance: "mail",
    text: () =>
      letter(
        { Subject: "Re: x" },
        "> #avicbot approve\n | #avicbot approve\n\t#avicbot approve\ndiff --git a/x b/x\n+#avicbot approve\n#avicbot approve\n-- \n#avicbot approve\n",
      ),
    verdict: /"commands":0/,
  },
  {
    class: 18,
    name: "bidi and zero-width marks in what is shown",
    entrance: "mail",
    text: () => letter({ Subject: `[PATCH] ${encodedWord(`KVM: ${MARKS}SVM`)}` }),
    verdict: /"subject":"\[PATCH\] KVM: [^\u0000-\u001f]*SVM"/,
  },
  {
    class: 20,
    name: "header names of Object.prototype",
    entrance: "mail",
    text: () => letter({ __proto_: "x", constructor: "x", toString: "x" }).replace("__proto_:", "__proto__:"),
    verdict: /"kind":"patch"/,
  },
];

const SUBJECTS: readonly [string, string][] = [
  ["[PATCH v99999999999999999999 1/0] x", "v1 null/null"],
  ["[PATCH 0/999999999] x", "v1 null/null"],
  ["[PATCH -1/-5] x", "v1 null/null"],
  ["[PATCH 1/1e9] x", "v1 null/null"],
  ["[PATCH v0x2 1/2] x", "v1 1/2"],
  ["[PATCH v1000 1/2] x", "v1 1/2"],
  [`[PATCH ${encodedWord("\u0661/\u0662")}] x`, "v1 null/null"],
];
const subjects: readonly Vector[] = SUBJECTS.map(([subject, tag]) => ({
  class: 12,
  name: `the subject ${subject}`,
  entrance: "mail" as const,
  text: () => letter({ Subject: subject }),
  verdict: new RegExp(`"tag":"${tag}"`),
}));
const noPatch: readonly Vector[] = ["\u0420\u0410\u0422\u0421\u041d", "PAT\u200bCH", "\u202eHCTAP"].map(
  (word) => ({
    class: 12,
    name: `${JSON.stringify(word)} in place of PATCH`,
    entrance: "mail" as const,
    text: () => letter({ Subject: `[${encodedWord(word)}] x` }),
    verdict: word.includes("\u200b") ? /"tag":(?:null|"v1 null\/null")/ : /"tag":null/,
  }),
);

const loops: readonly Vector[] = [
  ["Auto-Submitted: auto-replied", "auto-generated"],
  ["Auto-Submitted: auto-generated", "auto-generated"],
  ["Return-Path: <>", "bounce"],
  ["X-Autoreply: yes", "auto-generated"],
  ["Content-Type: multipart/report; report-type=delivery-status; boundary=B", "bounce"],
].map(([field = "", kind = ""]) => ({
  class: 22,
  name: `a mail with ${field}`,
  entrance: "mail" as const,
  text: () => `${field}\n${letter({ Subject: "Re: [PATCH] x" })}`,
  verdict: new RegExp(`"kind":"${kind}"`),
}));
const listMail: Vector = {
  class: 22,
  name: "a list's own Precedence and List-Id, which silence nobody",
  entrance: "mail",
  text: () => letter({ Precedence: "bulk", "List-Id": "<kvm.vger.kernel.org>" }),
  verdict: /"kind":"patch"/,
};

export const HEADER_VECTORS: readonly Vector[] = [
  ...injections,
  ...identities,
  twice,
  ...people,
  ...subjects,
  ...noPatch,
  ...loops,
  listMail,
];
