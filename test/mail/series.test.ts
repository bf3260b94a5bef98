import { test } from "node:test";
import assert from "node:assert/strict";
import { parseMessage } from "../../src/mail/message.ts";
import { type Series, assembleSeries } from "../../src/mail/series.ts";
import { DIFF, type Draft, mail } from "./drafts.ts";

/** `v2 2: cover 1 2` and so on, one string a series. */
function show(series: readonly Series[]): string[] {
  return series.map((one) => {
    const missing = one.missing.length > 0 ? ` missing ${one.missing.join(",")}` : "";
    const cover = one.cover ? " cover" : "";
    return `${one.id} v${one.version}/${one.total}:${cover} ${one.patches.map((patch) => patch.index).join(" ")}${missing}`;
  });
}

const CASES: [string, Draft[], string[]][] = [
  [
    "cover and parts",
    [
      { id: "c", subject: "[PATCH v2 0/2] t" },
      { id: "1", subject: "[PATCH v2 1/2] a", re: "c" },
      { id: "2", subject: "[PATCH v2 2/2] b", re: "c" },
    ],
    ["c v2/2: cover 1 2"],
  ],
  ["a single patch", [{ id: "1", subject: "[PATCH] a" }], ["1 v1/1: 1"]],
  [
    "a part that comes days later",
    [
      { id: "c", subject: "[PATCH 0/2] t" },
      { id: "2", subject: "[PATCH 2/2] b", re: "c", minute: 7000 },
      { id: "1", subject: "[PATCH 1/2] a", re: "c" },
    ],
    ["c v1/2: cover 1 2"],
  ],
  [
    "no cover, chain",
    [
      { id: "1", subject: "[PATCH 1/3] a" },
      { id: "2", subject: "[PATCH 2/3] b", re: "1" },
      { id: "3", subject: "[PATCH 3/3] c", re: "2", refs: ["1", "2"] },
    ],
    ["1 v1/3: 1 2 3"],
  ],
  [
    "no cover, no thread, and the first part sent last",
    [
      { id: "2", subject: "[PATCH 2/3] b", minute: 0 },
      { id: "3", subject: "[PATCH 3/3] c", minute: 1 },
      { id: "1", subject: "[PATCH 1/3] a", minute: 9 },
    ],
    ["1 v1/3: 1 2 3"],
  ],
  [
    "the chain's middle is missing",
    [
      { id: "1", subject: "[PATCH 1/3] a" },
      { id: "3", subject: "[PATCH 3/3] c", re: "2", refs: ["1", "2"] },
    ],
    ["1 v1/3: 1 3 missing 2"],
  ],
  [
    "the cover never came",
    [
      { id: "1", subject: "[PATCH 1/2] a", re: "c" },
      { id: "2", subject: "[PATCH 2/2] b", re: "c" },
    ],
    ["1 v1/2: 1 2"],
  ],
  ["only the cover came", [{ id: "c", subject: "[PATCH 0/2] t" }], ["c v1/2: cover  missing 1,2"]],
  [
    "a stranger's part stays out",
    [
      { id: "c", subject: "[PATCH 0/2] t" },
      { id: "1", subject: "[PATCH 1/2] a", re: "c" },
      { id: "2", subject: "[PATCH 2/2] b", re: "c", from: "E <e@evil.org>" },
    ],
    ["2 v1/2: 2 missing 1", "c v1/2: cover 1 missing 2"],
  ],
  [
    "replies are no parts, not even with a diff",
    [
      { id: "1", subject: "[PATCH] a" },
      { id: "r", subject: "Re: [PATCH] a", re: "1", from: "B <b@x.org>", body: DIFF },
    ],
    ["1 v1/1: 1"],
  ],
  [
    "unthreaded, close in time",
    [
      { id: "1", subject: "[PATCH 1/2] a" },
      { id: "2", subject: "[PATCH 2/2] b", minute: 8 },
    ],
    ["1 v1/2: 1 2"],
  ],
  [
    "unthreaded, far apart",
    [
      { id: "1", subject: "[PATCH 1/2] a" },
      { id: "2", subject: "[PATCH 2/2] b", minute: 60 },
    ],
    ["1 v1/2: 1 missing 2", "2 v1/2: 2 missing 1"],
  ],
  [
    "two series of one author at one time",
    [
      { id: "20261102100000.11-1-a@x", subject: "[PATCH 0/2] t" },
      { id: "20261102100000.11-2-a@x", subject: "[PATCH 1/2] a", re: "20261102100000.11-1-a@x" },
      { id: "20261102100001.12-1-a@x", subject: "[PATCH 0/2] u" },
      { id: "20261102100001.12-3-a@x", subject: "[PATCH 2/2] d", re: "20261102100001.12-1-a@x" },
    ],
    ["20261102100000.11-1-a@x v1/2: cover 1 missing 2", "20261102100001.12-1-a@x v1/2: cover 2 missing 1"],
  ],
  [
    "v2 in answer to the cover of v1",
    [
      { id: "c", subject: "[PATCH 0/1] t" },
      { id: "1", subject: "[PATCH 1/1] a", re: "c" },
      { id: "d", subject: "[PATCH v2 0/1] t", re: "c", minute: 9 },
      { id: "e", subject: "[PATCH v2 1/1] a", re: "d", refs: ["c", "d"], minute: 9 },
    ],
    ["c v1/1: cover 1", "d v2/1: cover 1"],
  ],
  [
    "a partial reroll takes over the other parts",
    [
      { id: "c", subject: "[PATCH 0/3] t" },
      { id: "1", subject: "[PATCH 1/3] a", re: "c" },
      { id: "2", subject: "[PATCH 2/3] b", re: "c" },
      { id: "3", subject: "[PATCH 3/3] c", re: "c" },
      { id: "n", subject: "[PATCH v2 3/3] c", re: "3", minute: 90 },
    ],
    ["c v1/3: cover 1 2 3", "n v2/3: cover 1 2 3"],
  ],
  [
    "a part sent again in the thread",
    [
      { id: "1", subject: "[PATCH 1/2] a" },
      { id: "2", subject: "[PATCH 2/2] b", re: "1" },
      { id: "n", subject: "[PATCH 2/2] b", re: "2", minute: 90 },
    ],
    ["1 v1/2: 1 2", "n v1/2: 1 2"],
  ],
  [
    "an extra part behind the series",
    [
      { id: "1", subject: "[PATCH 1/1] a" },
      { id: "2", subject: "[PATCH2/1] b", re: "1" },
    ],
    ["1 v1/1: 1 2"],
  ],
  [
    "total of the cover is wrong",
    [
      { id: "20261102100000.11-1-a@x", subject: "[PATCH 0/3] t" },
      { id: "20261102100000.11-2-a@x", subject: "[PATCH 1/2] a", re: "20261102100000.11-1-a@x" },
      { id: "20261102100000.11-3-a@x", subject: "[PATCH 2/2] b", re: "20261102100000.11-1-a@x" },
    ],
    ["20261102100000.11-1-a@x v1/2: cover 1 2"],
  ],
  [
    "From rewritten by a list: two people with one address",
    [
      { id: "1", subject: "[PATCH 1/2] a", from: '"A via l" <l@x.org>', headers: ["Reply-To: a@y.org"] },
      {
        id: "2",
        subject: "[PATCH 2/2] b",
        from: '"B via l" <l@x.org>',
        headers: ["Reply-To: b@y.org"],
        re: "1",
      },
    ],
    ["1 v1/2: 1 missing 2", "2 v1/2: 2 missing 1"],
  ],
  [
    "an absurd counter stands alone",
    [
      { id: "1", subject: "[PATCH 1/99999] a" },
      { id: "2", subject: "[PATCH 2/99999] b", re: "1" },
    ],
    ["1 v1/1: 1", "2 v1/1: 1"],
  ],
  [
    "in answer to itself",
    [
      { id: "1", subject: "[PATCH 1/2] a", re: "1" },
      { id: "2", subject: "[PATCH 2/2] b", re: "1" },
    ],
    ["1 v1/2: 1 2"],
  ],
  [
    "another repository in one thread",
    [
      { id: "1", subject: "[PATCH 1/2] a" },
      { id: "2", subject: "[kvm-unit-tests PATCH 2/2] b", re: "1" },
    ],
    ["1 v1/2: 1 missing 2", "2 v1/2: 2 missing 1"],
  ],
];

for (const [name, drafts, expected] of CASES) {
  test(`series: ${name}`, () => {
    const messages = drafts.map(mail);
    assert.deepEqual(show(assembleSeries(messages).series).sort(), [...expected].sort());
    assert.deepEqual(show(assembleSeries([...messages].reverse()).series).sort(), [...expected].sort());
    assert.deepEqual(
      show(assembleSeries([...messages, ...drafts.map(mail)]).series).sort(),
      [...expected].sort(),
    );
  });
}

test("what the series says of itself", () => {
  const body = [
    "words",
    "base-commit: 0123456789abcdef0123456789abcdef01234567",
    "change-id: 20261102-topic-0123456789ab",
    "prerequisite-message-id: <p@x>",
    "prerequisite-patch-id: aaaa",
    "Supersedes: <old@x>",
    "Based-on: https://lore.kernel.org/kvm/base@x/",
    "> base-commit: ffffffffffff",
  ].join("\n");
  const { series } = assembleSeries([
    mail({ id: "c", subject: "[RFC PATCH RESEND 0/1] t", body }),
    mail({ id: "1", subject: "[RFC PATCH RESEND 1/1] a", re: "c" }),
  ]);
  const one = series[0] as Series;
  assert.equal(one.baseCommit, "0123456789abcdef0123456789abcdef01234567");
  assert.equal(one.changeId, "20261102-topic-0123456789ab");
  assert.deepEqual(one.prerequisites, ["p@x", "base@x", "aaaa"]);
  assert.deepEqual(one.supersedes, ["old@x"]);
  assert.deepEqual([one.rfc, one.resend, one.title], [true, true, "t"]);
});

test("two parts with one number in one run are pointed out", () => {
  const [cover, first, second] = ["1", "2", "3"].map((n) => `20261102100000.11-${n}-a@x`);
  const { series } = assembleSeries([
    mail({ id: cover ?? "", subject: "[PATCH 0/1] t" }),
    mail({ id: first ?? "", subject: "[PATCH 1/1] old", re: cover ?? "" }),
    mail({ id: second ?? "", subject: "[PATCH 1/1] new", re: cover ?? "", minute: 1 }),
  ]);
  assert.deepEqual(show(series), [`${cover} v1/1: cover 1`, `${second} v1/1: 1`]);
  for (const one of series) assert.equal(one.problems[0]?.code, "sent-twice");
});

test("an option in place of a commit is no base", () => {
  const message = mail({ id: "1", subject: "[PATCH] a", body: `base-commit: --upload-pack=x\n${DIFF}` });
  assert.equal(assembleSeries([message]).series[0]?.baseCommit, null);
});

test("what is no submission is unplaced with a reason when it looks like one", () => {
  const { series, unplaced } = assembleSeries([
    mail({ id: "1", subject: "[PATCH] a", body: "no diff here" }),
    mail({ id: "2", subject: "how about this", body: DIFF }),
    mail({ id: "3", subject: "hello", body: "hello" }),
    mail({ id: "4", subject: "Re: [PATCH] a", body: DIFF }),
  ]);
  assert.deepEqual(series, []);
  assert.deepEqual(
    unplaced.map(({ message, reason }) => `${message.messageId}: ${reason}`),
    [
      "1: tagged as a patch, but it holds no diff",
      "2: it holds a diff, but the subject does not call it a patch",
    ],
  );
});

test("files without Message-ID are joined by their counters, whoever wrote them", () => {
  const file = (index: number, author: string) =>
    parseMessage(
      Buffer.from(
        `From: ${author}\nDate: ${index} Nov 2025 10:00:00 +0000\nSubject: [PATCH ${index}/2] x\n\n${DIFF}`,
      ),
    );
  const { series } = assembleSeries([file(2, "b@x.org"), file(1, "a@x.org")]);
  assert.equal(series.length, 1);
  assert.deepEqual(series[0]?.patches.map((patch) => patch.index), [1, 2]); // prettier-ignore
});

const COUNT = 5000;

test("cycles, long chains and crowds end", () => {
  const crowd = Array.from({ length: COUNT }, (_, i) => {
    const re = `${i === 0 ? COUNT - 1 : i - 1}@x`;
    return { id: `${i}@x`, subject: `[PATCH ${1 + (i % 7)}/7] t`, re };
  });
  const { series } = assembleSeries(crowd.map(mail));
  assert.equal(series.reduce((sum, one) => sum + one.patches.length - one.inherited.length, 0), COUNT); // prettier-ignore
  const children = crowd.map((draft) => ({ ...draft, re: "root@x" }));
  assert.ok(assembleSeries(children.map(mail)).series.length >= COUNT / 7);
});
