/** What the outbox needs of the world, so that the same steps run against servers and in tests. */
import type { OutboxRecord, Rejection } from "./record.ts";

export interface LedgerQuestion {
  readonly messageId: string;
  /** Its From address. */
  readonly from: string;
  /** Another own mail that answers one of these ids counts as the mail itself. */
  readonly answered: readonly string[];
  /** Milliseconds since the epoch: the mail is not older. */
  readonly since: number;
}

/** `blind`: there is nothing to look in. `unavailable`: it cannot be asked now. */
export type LedgerAnswer =
  | { readonly kind: "found"; readonly where: string }
  | { readonly kind: "absent" }
  | { readonly kind: "blind" | "unavailable"; readonly text: string };

/** Does the list have this mail? */
export interface Ledger {
  readonly find: (question: LedgerQuestion) => Promise<LedgerAnswer>;
  readonly close: () => Promise<void>;
}

/** How a try ended. */
export type SendOutcome =
  | {
      readonly kind: "accepted";
      readonly response: string;
      readonly accepted: readonly string[];
      readonly rejected: readonly Rejection[];
    }
  /** The server answered no, or never got a byte of the mail. */
  | { readonly kind: "failed"; readonly final: boolean; readonly text: string }
  /** DATA had begun, and no answer came. */
  | { readonly kind: "lost"; readonly text: string }
  /** `beforeData` said no; nothing was sent. */
  | { readonly kind: "abandoned" };

export interface Parcel {
  readonly bytes: Uint8Array;
  readonly sender: string;
  readonly recipients: readonly string[];
}

export interface Transport {
  /** Never rejects. `beforeData` runs when the server waits for the first byte of the mail. */
  readonly send: (parcel: Parcel, beforeData: () => Promise<boolean>) => Promise<SendOutcome>;
}

/** Whether a mail may go out now. */
export type GateAnswer =
  | { readonly kind: "go" }
  | { readonly kind: "wait"; readonly until: number; readonly reason: string }
  | { readonly kind: "hold" | "drop"; readonly reason: string };

export interface Loaded {
  readonly record: OutboxRecord;
  /** Stands for exactly this content. */
  readonly stamp: string;
}

export interface OutboxStore {
  readonly load: (key: string) => Promise<Loaded | null>;
  /** False: somebody changed it since it was loaded. */
  readonly replace: (former: Loaded, next: OutboxRecord) => Promise<boolean>;
}
