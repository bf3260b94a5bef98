import { test } from "node:test";
import assert from "node:assert/strict";
import addressparser from "nodemailer/lib/addressparser";
import { parseAddresses } from "../../src/mail/addresses.ts";

const CASES: [string, [string, string][]][] = [
  ["a@b.org", [["", "a@b.org"]]],
  ["<a@b.org>", [["", "a@b.org"]]],
  ["A B <a@b.org>, c@d.org", [["A B", "a@b.org"], ["", "c@d.org"]]], // prettier-ignore
  ['"Doe, John (TI)" <a@b.org>', [["Doe, John (TI)", "a@b.org"]]],
  ["John (TI) <a@b.org>", [["John", "a@b.org"]]],
  ["a@b.org (John)", [["John", "a@b.org"]]],
  ["a@b.org (John (TI))", [["John (TI)", "a@b.org"]]],
  ["K. A. Name <k@i.org>", [["K. A. Name", "k@i.org"]]],
  ['"a@evil.com" b@c.org', [["a@evil.com", "b@c.org"]]],
  ['"<evil@x.org>" <a@b.org>', [["<evil@x.org>", "a@b.org"]]],
  ['"x\\" <e@v.org>" <a@b.org>', [['x" <e@v.org>', "a@b.org"]]],
  ["x@y.org <a@b.org>", [["x@y.org", "a@b.org"]]],
  ["=?utf-8?q?Doe=2C_J=3Cx=40y=3E?= <c@d.org>", [["Doe, J<x@y>", "c@d.org"]]],
  ["=?utf-8?b?SsO8cmdlbg==?= =?utf-8?q?_G?= <c@d.org>", [["Jürgen G", "c@d.org"]]],
  ["=?utf-8?q?x=0D=0ABcc?= <c@d.org>", [["x Bcc", "c@d.org"]]],
  ["undisclosed-recipients:;", []],
  ["g: a@b.org, c@d.org;, e@f.org", [["", "a@b.org"], ["", "c@d.org"], ["", "e@f.org"]]], // prettier-ignore
  ["<@relay.org:a@b.org>", [["", "a@b.org"]]],
  ["user at host.org", []],
  ["a@b@c.org", []],
  ["", []],
  [",,;", []],
  ["A <a@b.org", [["A", "a@b.org"]]],
];

for (const [raw, expected] of CASES) {
  test(`addresses ${JSON.stringify(raw)}`, () => {
    assert.deepEqual(
      parseAddresses(raw, 10).map(({ name, address }) => [name, address]),
      expected,
    );
  });
}

test("nodemailer's address parser agrees where the form is regular", () => {
  for (const [raw] of CASES.slice(0, 12)) {
    const theirs = addressparser(raw, { flatten: true }).map(({ name, address }) => ({ name, address }));
    assert.deepEqual(parseAddresses(raw, 10), theirs, raw);
  }
});

test("hostile lists are bounded", () => {
  for (const piece of [",", '"', "g:", "<", "(", "a ", "\\", '"a" ', "@", ";", "a@b.org,", "a <", '"a"<'])
    assert.ok(parseAddresses(piece.repeat(250_000 / piece.length), 1000).length <= 1000, piece);
});
