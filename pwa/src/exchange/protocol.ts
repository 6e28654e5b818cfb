// The exchange as it travels (SPEC, server/api/README.md).
import type { FieldsChange } from "../core/overlay";
import {
  type Cursor,
  type CursorRow,
  type Held,
  type Noted,
  type Push,
  type Run,
  unpack,
} from "../core/push";
import type { Decision } from "../core/view";
import type { OutboxEntry } from "../core/write";

/** How much a request lists of anything, and how many writes of a record it names (B-24). */
export const AT_ONCE = 500;
export const WRITES_NAMED = 32;

export interface Request {
  readonly app: number;
  readonly cursors: readonly Cursor[];
  readonly writes?: readonly OutboxEntry[];
  readonly photos?: readonly string[];
  /** The id of the push that `writes` are; or of the one whose answer was lost. */
  readonly push?: string;
  readonly ask?: string;
  /** B-2, B-31, B-3. */
  readonly restored?: number | undefined;
  readonly mark?: string | undefined;
  readonly known?: readonly Noted[];
  /** */
  readonly held?: Held;
}

/** What one asks; the rest of a request is what the rows say. */
export type Question = Pick<Request, "writes" | "push" | "ask" | "known">;

/** */
export interface Result {
  readonly id: string;
  readonly result: "stored" | "later" | "refused";
  /** Of what is stored. */
  readonly position?: number;
  readonly number?: string;
  /** When it was first received (SPEC L-29). An older server leaves it out where that is now. */
  readonly received?: number;
  /** Of what is not. */
  readonly code?: string;
  readonly field?: string | null;
}

/** */
export interface Change extends FieldsChange {
  readonly record: string;
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  readonly number: string;
  readonly decision: Decision | null;
  /** Nothing is left of it (L-12). */
  readonly purged?: boolean;
  /** The position of its last write, where one is newer than the floor (L-3). */
  readonly written?: number;
  /** When the server first received the latest of its writes, in ms; beside `written` (L-13). */
  readonly received?: number;
}

/** P-8. */
export interface Judged {
  readonly sha256: string;
  readonly state: "verified" | "wanted" | "refused";
  readonly code?: string;
}

/** The first line of an answer. */
export interface Head {
  readonly results: readonly Result[];
  readonly asked?: {
    readonly push: string;
    readonly known: boolean;
    readonly runs: readonly Run[];
    readonly received?: number;
  };
  readonly photos: readonly Judged[];
  readonly catalog: string;
  readonly server_time: number;
  readonly minimum_app: number;
  readonly restored?: number;
  /** B-31. */
  readonly mark?: string;
  /** */
  readonly replaced?: boolean;
  /** */
  readonly idle?: boolean;
  /** B-33: the records of `known` that it took; an older server does not say. */
  readonly known?: readonly string[];
}

/** C-2, L-3. */
export interface CursorTold extends Cursor {
  readonly reset: boolean;
  readonly sealed: number | null;
  readonly closed: number | null;
}

/** Changes that are whole together, with the cursors behind them; `more` (false) where nothing follows. */
export interface Block {
  readonly changes: readonly Change[];
  readonly cursors: readonly CursorTold[];
  readonly more?: boolean;
}

/** The cursors a block continues from, by stream: those held, without the ones the server did not know (SPEC C-2). */
export type Before = ReadonlyMap<string, CursorRow>;

/**
 * Own writes that the server had stored before this request, and that no pull listed yet: this one will (B-2). Null where
 * the head says that the server was restored, and cursors were held: all writes go again, and the changes belong to
 * cursors that are no more.
 */
export type Ahead = readonly string[] | null;

/** What an answer says of each write; of those asked for by their places in the push. */
export function resultsOf({ results, asked }: Head, push: Push | undefined): Result[] {
  const kept = unpack(asked?.runs ?? []).map((said, nth) => ({ ...said, id: push?.writes[nth] ?? "" }));
  return [...results, ...kept];
}

/**
 * An answer as lines (SPEC X-19): its head and its blocks, each as soon as its last line is here. What stands behind the
 * last block when the line is cut is not passed on, nor a line that this app does not know.
 */
export async function* blocks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Head | Block> {
  const decoder = new TextDecoder();
  let rest = "";
  let changes: Change[] = [];
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const said = JSON.parse(line);
      if (said.record) changes.push(said);
      else if (said.results) yield said;
      else if (said.cursors) {
        yield { ...said, changes };
        changes = [];
      }
    }
  }
}
