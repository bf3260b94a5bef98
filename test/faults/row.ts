/** A row of the fault matrix. */
import type { Scene } from "./scene.ts";

export interface FaultRow {
  readonly id: string;
  /** The step and what goes wrong at it. */
  readonly what: string;
  /** Why it cannot run on this machine. */
  readonly skip?: string | false;
  /** Kinds of the fault; each is a case of its own, or one for each pass. */
  readonly variants: readonly string[];
  /** Those that a short run takes; all without it. */
  readonly short?: readonly string[];
  /** The fault comes at the first, second … pass of its point, until there is none. */
  readonly everyPass?: boolean;
  readonly settings?: (variant: string) => Readonly<Record<string, unknown>>;
  /** Posts traffic, starts the service and injects. False: there is no such pass; nothing was injected. */
  readonly run: (scene: Scene, variant: string, pass: number) => Promise<boolean | void>;
  /** What else must be true at the end, in words for what is not. */
  readonly check?: (scene: Scene, variant: string) => Promise<readonly string[]>;
}

/** A row that a test file holds. */
export interface ProvenRow {
  readonly id: string;
  readonly what: string;
  readonly file: string;
  readonly title: string;
}

export type Row = FaultRow | ProvenRow;

export function isProven(row: Row): row is ProvenRow {
  return "file" in row;
}
