import assert from "node:assert/strict";
import { test } from "node:test";
import { pagePath, pathRewriter } from "../../src/web/paths.ts";

const rewrite = pathRewriter(["kvm@vger.kernel.org", "linux-coco@lists.linux.dev"]);

const cases: [string, string][] = [
  ["/r/a@b/", "/r/a%40b/"],
  ["/r/a@b", "/r/a%40b/"],
  ["/r/a@b/json?x=1", "/r/a%40b/json?x=1"],
  ["/r/%3Ca@b%3E/txt", "/r/%3Ca%40b%3E/txt"],
  ["/kvm/a+c@b/T/", "/r/a%2Bc%40b/"],
  ["/lkml/a/c@b/", "/r/a%2Fc%40b/"],
  ["/all/a%2Fc@b/t.mbox.gz", "/r/a%2Fc%40b/"],
  ["/linux-coco/a@b/raw", "/r/a%40b/"],
  ["/r/json/", "/r/json/"],
  ["/r/x/json/json", "/r/x%2Fjson/json"],
  ["/r/100%@b/why", "/r/100%25%40b/why"],
  ["/api/v1/reviews/a/c@b", "/api/v1/reviews/a%2Fc%40b"],
  ["/api/v1/series/a@b/approve", "/api/v1/series/a%40b/approve"],
  ["/api/v1/series?state=all", "/api/v1/series?state=all"],
  ["/r/../../etc/passwd", "/r/..%2F..%2Fetc%2Fpasswd/"],
  ["/other/a@b/", "/other/a@b/"],
  ["/r/", "/r/"],
  ["/", "/"],
];
for (const [target, wanted] of cases) {
  test(`${target} becomes ${wanted}`, () => assert.equal(rewrite(target), wanted));
}

test("the path of an id leads back to it, whatever it holds", () => {
  for (const id of ["a@b", 'x"><script>@y', "a b/../c%2f?#+&@d", "\xc3\xa9@x"]) {
    const segment = /^\/r\/([^/]+)\/$/.exec(rewrite(pagePath(id)))?.[1];
    const back = Buffer.from(decodeURIComponent(segment ?? ""), "utf8").toString("latin1");
    assert.equal(back, id);
  }
});
