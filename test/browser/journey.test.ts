import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { SeriesRecord } from "../../src/store/series.ts";
import { noRedis } from "../store/test-redis.ts";
import { TOKEN, type Site } from "../web/site.ts";
import { launchChromium, noChromium } from "./chromium.ts";
import { startFullSite } from "./full-site.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const run = promisify(execFile);
const LIMIT_MS = 60_000;

describe("in a browser", { skip: noRedis || noChromium, timeout: 300_000 }, () => {
  let site: Site;
  let series: SeriesRecord;
  let browser: Browser;
  before(async () => {
    ({ site, series } = await startFullSite());
    browser = await launchChromium();
  });
  after(async () => {
    await browser.close();
    await site.close();
  });

  /** A window; whatever it asks of another host or complains about fails the test. */
  async function open(
    options: Parameters<Browser["newContext"]>[0] = {},
  ): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(LIMIT_MS);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("dialog", (dialog) => complaints.push(dialog.message()));
    page.on("request", (request) => {
      if (!request.url().startsWith(site.url)) complaints.push(request.url());
    });
    return { context, page, complaints };
  }

  /** From a pasted URL to an approved reply. */
  async function journey(page: Page): Promise<void> {
    await page.goto(`${site.url}/`);
    await page
      .getByLabel("Message-ID, lore URL or words")
      .fill(`https://lore.kernel.org/kvm/${series.id}/T/#u`);
    await page.getByRole("button", { name: "Find" }).click();
    await page.waitForURL(`**/r/${series.id}/`);
    const row = page.getByRole("row", { name: /0x80F APIC_SPIV/ }).first();
    await row.getByRole("link", { name: "* MSR_INT:ok" }).click();
    await page.getByRole("heading", { name: "WRMSR of 0x80F APIC_SPIV" }).waitFor();
    assert.match(
      (await page.textContent("main")) ?? "",
      /avic_activate_vmcb\(\)[^]*arch\/x86\/kvm\/svm\/avic\.c/,
    );
    await page.getByRole("link", { name: "← KVM: SVM: Fix x2AVIC MSR interception" }).click();
    await page.getByRole("link", { name: "apm", exact: true }).click();
    await page.getByText("This is not the table of the reply").waitFor();
    await page
      .getByRole("row", { name: /0x802 APIC_ID/ })
      .getByRole("link", { name: "UAA(t)" })
      .waitFor();
    await page.getByRole("link", { name: "zen4", exact: true }).click();
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("Token").fill(TOKEN);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(`**/r/${series.id}/`);
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByText("approved by pat (web)").first().waitFor();
  }

  test("a lore URL, a cell, a profile, an approval, and the row changes in a second window", async () => {
    const watcher = await open();
    const listening = watcher.page.waitForResponse("**/events");
    await watcher.page.goto(`${site.url}/`);
    await listening;
    const row = watcher.page.getByRole("row", { name: /Fix x2AVIC MSR interception/ });
    assert.match((await row.textContent()) ?? "", /held/);
    const { context, page, complaints } = await open();
    await journey(page);
    await row.getByText("sending", { exact: true }).waitFor();
    assert.deepEqual([complaints, watcher.complaints], [[], []]);
    await context.close();
    await watcher.context.close();
  });

  test("the same without script", async () => {
    await fetch(`${site.url}/api/v1/series/${series.id}/hold`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const { context, page, complaints } = await open({ javaScriptEnabled: false });
    await journey(page);
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test("axe finds nothing on any page, light and dark, wide and narrow", async () => {
    const paths = [
      "/?state=all",
      `/r/${series.id}/`,
      `/r/${series.id}/explain?msr=0x80f&access=write`,
      `/r/${series.id}/why`,
      "/login",
    ];
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 320]) {
        const { context, page } = await open({
          colorScheme,
          viewport: { width, height: 800 },
          bypassCSP: true,
        });
        for (const path of paths) {
          await page.goto(`${site.url}${path}`);
          await page.evaluate(AXE);
          const found = await page.evaluate(async () => {
            const { axe } = globalThis as unknown as {
              axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
            };
            return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
          });
          assert.deepEqual(found, [], `${path} ${colorScheme} ${width}`);
          const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
          assert.ok(wide <= width, `${path} is ${wide} wide at ${width}`);
        }
        await context.close();
      }
    }
  });

  test("by keyboard: the first stop skips to the content, every cell is a stop", async () => {
    const { context, page } = await open();
    await page.goto(`${site.url}/r/${series.id}/`);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to the content");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "* MSR_INT:#GP" }).first().focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/explain\?msr=/);
    await context.close();
  });

  test("the first page is small, and nothing is asked of another host", async () => {
    for (const path of ["/", `/r/${series.id}/`]) {
      const { context, page, complaints } = await open();
      let bytes = 0;
      page.on("response", (response) => {
        if (!response.url().endsWith("/events"))
          bytes += Number(response.headers()["content-length"] ?? Number.NaN);
      });
      await page.goto(`${site.url}${path}`);
      assert.ok(bytes > 5000 && bytes < 50_000, `${path}: ${bytes} bytes`);
      assert.deepEqual(complaints, []);
      await context.close();
    }
  });

  const noW3m = spawnSync("w3m", ["-version"]).status === 0 ? false : "no w3m on this machine";
  test("reads well in a text browser", { skip: noW3m }, async () => {
    const dump = async (path: string) =>
      (await run("w3m", ["-dump", "-cols", "140", `${site.url}${path}`])).stdout;
    assert.match(await dump(`/r/${series.id}/`), /0x80F +APIC_SPIV +HW +HW +UAA\(t\) +\* MSR_INT:ok +W 3/);
    const list = await dump("/?state=all");
    assert.match(
      list,
      /^sending +KVM: SVM: Fix x2AVIC MSR interception v2 ← v1 · Jane Doe · +changed, 32 +5\/5/m,
    );
  });
});
