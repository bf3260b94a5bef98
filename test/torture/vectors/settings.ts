/** Settings files that want more than to set something. */
import type { Vector } from "./vector.ts";

const TEXTS: readonly [number, string, (size: number) => string, RegExp, number?][] = [
  [
    20,
    "__proto__ in the settings",
    () => '{"__proto__": {"mode": "auto", "polluted": true}}',
    /^unknown setting "__proto__"|^"hold"$/,
  ],
  [
    20,
    "__proto__ in a section",
    () => '{"limits": {"__proto__": {"polluted": true}}}',
    /^unknown setting|^"hold"$/,
  ],
  [
    20,
    "constructor.prototype in the settings",
    () => '{"constructor": {"prototype": {"polluted": true}}}',
    /^unknown setting "constructor"/,
  ],
  [20, "a list in place of settings", () => "[]", /no JSON object$/],
  [20, "null", () => "null", /no JSON object$/],
  [20, "no JSON", () => "{mode: auto}", /^cannot read the settings/],
  [20, "a mode that does not exist", () => '{"mode": "AUTO"}', /^setting mode/],
  [20, "a number beyond all", () => '{"limits": {"messageBytes": 1e400}}', /^setting limits\.messageBytes/],
  [
    20,
    "100,000 brackets",
    (n) => `{"lists": ${"[".repeat(n)}${"]".repeat(n)}}`,
    /^(?:setting|cannot read)/,
    100_000,
  ],
  [
    20,
    "20,000 unknown keys",
    (n) => `{${Array.from({ length: n }, (_, at) => `"k${at}":1`).join(",")}}`,
    /^unknown setting/,
    20_000,
  ],
];

export const SETTING_VECTORS: readonly Vector[] = TEXTS.map(([group, name, text, verdict, size]) => ({
  class: group,
  name,
  entrance: "config" as const,
  text,
  size,
  verdict,
}));
