// The exchange as it travels (SPEC X-1, server/api/README.md).
import type { FieldsChange } from "../sync/overlay";
import type { Decision } from "../sync/view";
import type { Write } from "../sync/write";
import type { CursorRow } from "./db";

/** Raised when an old app could no longer talk to a new hub; the hub names the least it takes. */
export const APP = 1;

export interface Request {
  readonly app: number;
  readonly cursors: readonly CursorRow[];
  readonly writes: readonly Write[];
  readonly photos: readonly string[];
}

export interface Result {
  readonly id: string;
  readonly result: "stored" | "later" | "refused";
  /** Of what is stored. */
  readonly position?: number;
  readonly number?: string;
  /** Of what is not. */
  readonly code?: string;
  readonly field?: string | null;
}

export interface Change extends FieldsChange {
  readonly record: string;
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  readonly number: string;
  readonly decision: Decision | null;
}

/** P-8. */
export interface Judged {
  readonly sha256: string;
  readonly state: "verified" | "wanted" | "refused";
  readonly code?: string;
}

export interface Reply {
  readonly results: readonly Result[];
  readonly changes: readonly Change[];
  readonly cursors: readonly (CursorRow & { readonly reset: boolean })[];
  readonly more: boolean;
  readonly photos: readonly Judged[];
  readonly catalog: string;
  readonly server_time: number;
  readonly minimum_app: number;
}
