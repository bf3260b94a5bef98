/** The alerts and the dashboard ask for what /metrics really shows. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { parse } from "yaml";
import { packagePath } from "../../src/package-root.ts";
import { noRedis } from "../store/test-redis.ts";
import { bearer, deliverDemo, startSite, type Site } from "../web/site.ts";

interface Alerts {
  readonly groups: readonly {
    readonly rules: readonly { alert: string; expr: string; annotations: Record<string, string> }[];
  }[];
}
interface Dashboard {
  readonly panels: readonly { title: string; targets: readonly { expr: string; legendFormat: string }[] }[];
}

const read = (...path: string[]) => readFileSync(packagePath("contrib", ...path), "utf8");
const alerts = (parse(read("prometheus", "avicbot.rules.yml")) as Alerts).groups.flatMap(
  ({ rules }) => rules,
);
const panels = (JSON.parse(read("grafana", "avicbot.json")) as Dashboard).panels;
const asked = [
  ...alerts.map(({ alert, expr }) => ({ where: alert, expr, shown: "" })),
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expr, shown: legendFormat })),
  ),
];

describe("monitoring", { skip: noRedis, timeout: 60_000 }, () => {
  let site: Site;
  let lines: string[];
  before(async () => {
    site = await startSite({ sources: [{ type: "mbox", path: "/nowhere" }] });
    await deliverDemo(site);
    lines = (await site.text("/metrics", bearer)).split("\n");
  });
  after(() => site.close());

  test("every metric, every label and every value of a label is there", () => {
    assert.ok(alerts.length >= 8 && panels.length >= 12);
    for (const { where, expr } of asked) {
      const metrics = [...expr.matchAll(/\b(?<name>avicbot_\w+)(?:\{(?<matchers>[^}]*)\})?/g)];
      if (!expr.startsWith("up{")) assert.ok(metrics.length > 0, where);
      for (const { groups } of metrics) {
        const name = groups?.["name"] ?? "";
        const family = name.replace(/_(?:bucket|count|sum)$/, "");
        assert.ok(
          lines.some((line) => line.startsWith(`# TYPE ${family} `) || line.startsWith(`# TYPE ${name} `)),
          `${where}: ${name}`,
        );
        for (const [, label, values = ""] of (groups?.["matchers"] ?? "").matchAll(/(\w+)=~?"([^"]*)"/g))
          for (const value of values.split("|"))
            assert.ok(
              lines.some((line) => line.startsWith(`${name}{`) && line.includes(`${label}="${value}"`)),
              `${where}: ${name} ${label}=${value}`,
            );
      }
    }
  });

  test("labels that texts and groupings name are labels of avicbot", () => {
    for (const { where, expr, shown } of asked) {
      const grouped = [...expr.matchAll(/by \((?<list>[^)]*)\)/g)].flatMap(({ groups }) =>
        (groups?.["list"] ?? "").split(/,\s*/),
      );
      const templated = [...shown.matchAll(/\{\{(?<label>\w+)\}\}/g)].map(
        ({ groups }) => groups?.["label"] ?? "",
      );
      for (const label of [...grouped, ...templated])
        assert.ok(
          lines.some((line) => line.includes(`${label}="`)),
          `${where}: ${label}`,
        );
    }
  });

  test("every alert says what to do", () => {
    for (const { alert, annotations } of alerts) {
      assert.ok((annotations["summary"] ?? "").endsWith("."), alert);
      assert.ok((annotations["mend"] ?? "").length > 20, alert);
    }
  });
});
