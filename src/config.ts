/**
 * The one typed configuration. Environment (`AVICBOT_…`) before the file (`--config`, JSON) before the
 * defaults; unknown keys are errors, so that a misspelt setting cannot pass for one that works.
 */
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { configSchema, type Config } from "./settings.ts";

/** What a person has to mend in the settings; the message is one line that says so. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export type { Config, SourceConfig } from "./settings.ts";

/** Variables that begin with AVICBOT_ and are no settings. */
const NOT_SETTINGS = new Set(["AVICBOT_CONFIG", "AVICBOT_DEBUG", "AVICBOT_MAILS"]);

export interface ConfigInput {
  /** Path of a JSON file. */
  file?: string | undefined;
  environment?: Readonly<Record<string, string | undefined>>;
  /** What the command line says: before everything else. */
  overrides?: Record<string, unknown>;
}

/** The effective settings. Throws ConfigError with one line that names key and remedy. */
export function loadConfig(input: ConfigInput = {}): Config {
  const environment = input.environment ?? process.env;
  const file = input.file ?? environment["AVICBOT_CONFIG"];
  const layers = [file === undefined ? {} : readFile(file), readEnvironment(environment)];
  const raw = [...layers, input.overrides ?? {}].reduce(merge, {});
  const parsed = configSchema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map(describeIssue).join("; "));
}

/** What tests and tools start from: the defaults with some keys set. */
export function configFrom(settings: Record<string, unknown>): Config {
  return loadConfig({ environment: {}, overrides: settings });
}

/** Unknown settings of one place that are named one by one. */
const NAMED_MAX = 20;

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join(".");
  if (issue.code !== "unrecognized_keys") return `setting ${path}: ${issue.message}`;
  const where = path === "" ? "" : ` in ${path}`;
  const named = issue.keys.slice(0, NAMED_MAX);
  const rest = issue.keys.length - named.length;
  const told = named.map((key) => `unknown setting "${key}"${where}${suggestion(path, key)}`);
  return [...told, ...(rest > 0 ? [`${rest} more unknown settings${where}`] : [])].join("; ");
}

/** A key of the same place, else the path of one that stands elsewhere. */
function suggestion(path: string, key: string): string {
  const paths = [...settingPaths(schemaAsJson()).values()].map(({ keys }) => keys);
  const here = paths.filter((keys) => keys.slice(0, -1).join(".") === path).map((keys) => keys.at(-1) ?? "");
  const elsewhere = paths.find((keys) => keys.at(-1) === key)?.join(".") ?? null;
  const meant = nearest(key, here) ?? elsewhere;
  return meant === null ? "" : `; did you mean "${meant}"?`;
}

function schemaAsJson(): JsonSchema {
  return configSchema.toJSONSchema({ io: "input" }) as JsonSchema;
}

function readFile(path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new ConfigError(`cannot read the settings in ${path}: ${(cause as Error).message}`, { cause });
  }
  if (isObject(value)) return value;
  throw new ConfigError(`the settings in ${path} are no JSON object`);
}

/** `AVICBOT_KERNEL_BRANCHES` is `kernel.branches`; what is no plain text is given as JSON. */
function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const paths = settingPaths(schemaAsJson());
  const settings: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith("AVICBOT_") || NOT_SETTINGS.has(name) || text === undefined) continue;
    const path = paths.get(name);
    if (path === undefined) {
      const meant = nearest(name, paths.keys());
      const hint = meant === null ? "" : `; did you mean ${meant}?`;
      throw new ConfigError(`unknown setting ${name} in the environment${hint}`);
    }
    place(settings, path.keys, path.plain ? text : parseJson(name, text));
  }
  return settings;
}

interface JsonSchema {
  type?: string;
  enum?: unknown[];
  properties?: Record<string, JsonSchema>;
}

interface SettingPath {
  keys: string[];
  /** The text itself is the value. */
  plain: boolean;
}

function settingPaths(schema: JsonSchema, keys: string[] = []): Map<string, SettingPath> {
  const found = new Map<string, SettingPath>();
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    const here = [...keys, key];
    const name = `AVICBOT_${here.map(upperSnake).join("_")}`;
    found.set(name, { keys: here, plain: value.type === "string" || value.enum !== undefined });
    for (const [inner, path] of settingPaths(value, here)) found.set(inner, path);
  }
  return found;
}

function upperSnake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigError(`${name} is no JSON (a number, true, or a list as in the settings file)`);
  }
}

function place(target: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  const [first = "", ...rest] = keys;
  if (rest.length === 0) {
    target[first] = isObject(target[first]) && isObject(value) ? merge(value, target[first]) : value;
    return;
  }
  const inner = isObject(target[first]) ? target[first] : {};
  target[first] = inner;
  place(inner, rest, value);
}

function merge(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const result = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const former = result[key];
    result[key] = isObject(former) && isObject(value) ? merge(former, value) : value;
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The settings fit to be shown: passwords, tokens and the secret part of URLs replaced by `***`. */
export function maskSecrets(config: Config): Config {
  return JSON.parse(JSON.stringify(config), (key: string, value: unknown) => {
    if (key === "password" && typeof value === "string") return "***";
    if (key === "tokens" && Array.isArray(value)) return value.map(() => "***");
    return typeof value === "string" ? maskUrl(value) : value;
  }) as Config;
}

/** `imaps://bot:secret@host/` → `imaps://bot:***@host/`; other text is left alone. */
export function maskUrl(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#]*?):[^/?#]*@/i, "$1:***@");
}
