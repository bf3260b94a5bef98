import { test } from "node:test";
import assert from "node:assert/strict";
import { assembleSeries } from "../../src/mail/series.ts";
import { joinVersions } from "../../src/mail/versions.ts";
import { DIFF, type Draft, mail } from "./drafts.ts";

const WORKS: [string, Draft[], string[][]][] = [
  [
    "by title, unthreaded",
    [
      { id: "a", subject: "[PATCH] KVM: SVM: do it" },
      { id: "b", subject: "[PATCH v2] KVM: SVM: Do it!", minute: 1000 },
    ],
    [["a", "b"]],
  ],
  [
    "not of two authors",
    [
      { id: "a", subject: "[PATCH] do it" },
      { id: "b", subject: "[PATCH v2] do it", from: "B <b@x.org>" },
    ],
    [["a"], ["b"]],
  ],
  [
    "another title, the same patches",
    [
      { id: "c", subject: "[PATCH 0/2] first title" },
      { id: "1", subject: "[PATCH 1/2] one", re: "c" },
      { id: "2", subject: "[PATCH 2/2] two", re: "c" },
      { id: "d", subject: "[PATCH v2 0/3] other title", minute: 99 },
      { id: "3", subject: "[PATCH v2 1/3] one", re: "d", minute: 99 },
      { id: "4", subject: "[PATCH v2 2/3] two", re: "d", minute: 99 },
      { id: "5", subject: "[PATCH v2 3/3] three", re: "d", minute: 99 },
    ],
    [["c", "d"]],
  ],
  [
    "by change-id",
    [
      { id: "a", subject: "[PATCH] x", body: `change-id: 20261102-t-0123\n${DIFF}` },
      { id: "b", subject: "[PATCH v2] y", body: `change-id: 20261102-t-0123\n${DIFF}` },
    ],
    [["a", "b"]],
  ],
  [
    "by Supersedes",
    [
      { id: "a@x", subject: "[PATCH] x" },
      { id: "b", subject: "[PATCH] y", body: `Supersedes: <a@x>\n${DIFF}`, minute: 5 },
    ],
    [["a@x", "b"]],
  ],
  [
    "the same title for other work",
    [
      { id: "c", subject: "[PATCH 0/1] fixes" },
      { id: "1", subject: "[PATCH 1/1] one", re: "c" },
      { id: "d", subject: "[PATCH 0/1] fixes", minute: 99 },
      { id: "2", subject: "[PATCH 1/1] two", re: "d", minute: 99 },
    ],
    [["c"], ["d"]],
  ],
];

for (const [name, drafts, expected] of WORKS) {
  test(`versions: ${name}`, () => {
    for (const messages of [drafts.map(mail), drafts.map(mail).reverse()]) {
      const chains = joinVersions(assembleSeries(messages).series).map((chain) => chain.map((one) => one.id));
      assert.deepEqual(chains.sort(), expected);
    }
  });
}
