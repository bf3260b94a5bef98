import { CODE_VECTORS } from "./code.ts";
import { COMMAND_VECTORS } from "./commands.ts";
import { DIFF_VECTORS } from "./diffs.ts";
import { HEADER_VECTORS } from "./headers.ts";
import { MIME_VECTORS } from "./mime.ts";
import { SETTING_VECTORS } from "./settings.ts";
import { SIZE_VECTORS } from "./sizes.ts";
import { WORK_VECTORS } from "./work.ts";
import type { Vector } from "./vector.ts";

export const VECTORS: readonly Vector[] = [
  ...HEADER_VECTORS,
  ...MIME_VECTORS,
  ...SIZE_VECTORS,
  ...DIFF_VECTORS,
  ...CODE_VECTORS,
  ...SETTING_VECTORS,
  ...WORK_VECTORS,
  ...COMMAND_VECTORS,
];
