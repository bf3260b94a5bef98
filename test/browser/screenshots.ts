/** `node --import tsx test/browser/screenshots.ts DIR`: dashboard, review and explanation, wide and narrow, light and dark. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchChromium } from "./chromium.ts";
import { startFullSite } from "./full-site.ts";

const dir = process.argv[2] ?? "screenshots";
mkdirSync(dir, { recursive: true });
const { site, series } = await startFullSite();
const browser = await launchChromium();
const pages = {
  dashboard: "/?state=all",
  review: `/r/${series.id}/`,
  explain: `/r/${series.id}/explain?msr=0x80f&access=write`,
};
try {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1180, 320]) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
      const page = await context.newPage();
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(`${site.url}${path}`);
        await page.screenshot({
          path: join(dir, `${name}-${width}-${colorScheme}.png`),
          fullPage: width < 400,
        });
      }
      await context.close();
    }
  }
} finally {
  await browser.close();
  await site.close();
}
