/** Pages from templates: every value is escaped, styles and scripts are files of their own. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Eta } from "eta";
import type { FastifyRequest } from "fastify";
import { packagePath } from "../../package-root.ts";
import type { WebContext } from "../web-context.ts";

const TYPES = {
  "avicbot.css": "text/css; charset=utf-8",
  "avicbot.js": "text/javascript; charset=utf-8",
} as const;
export type AssetName = keyof typeof TYPES;

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** With the content's hash, so that it may be kept for ever. */
  readonly href: string;
}

function loadAsset(name: AssetName): Asset {
  const body = readFileSync(packagePath("templates", "web", name));
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 12);
  return { type: TYPES[name], body, href: `/assets/${name}?${hash}` };
}

export const ASSETS: Readonly<Record<AssetName, Asset>> = {
  "avicbot.css": loadAsset("avicbot.css"),
  "avicbot.js": loadAsset("avicbot.js"),
};

const engine = new Eta({
  views: packagePath("templates", "web"),
  autoEscape: true,
  autoTrim: [false, "nl"],
  cache: true,
});

export interface Page {
  readonly title: string;
  /** Name of the template. */
  readonly name: string;
  readonly view: object;
  /** Where one is after signing in. */
  readonly path?: string;
  /** What stands in the search field. */
  readonly query?: string;
}

/** A whole page for who asks. */
export function renderPage({ operators }: WebContext, request: FastifyRequest, page: Page): string {
  const { operator } = request;
  return engine.render(page.name, {
    ...page.view,
    title: page.title,
    query: page.query ?? "",
    css: ASSETS["avicbot.css"].href,
    script: ASSETS["avicbot.js"].href,
    canSignIn: operators.some,
    signInNext: page.path === undefined ? "" : `?${new URLSearchParams({ next: page.path }).toString()}`,
    operator: operator?.name ?? null,
    csrf: operator?.session?.csrf ?? null,
  });
}

/** A template alone, without the frame of a page. */
export function renderPart(name: string, view: object): string {
  return engine.render(name, view);
}
