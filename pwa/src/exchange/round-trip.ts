// One request of the exchange. Each part of its answer is kept as soon as it is whole (SPEC X-21), so that a cut loses
// little.
import { type Held, heldOf } from "../core/held";
import { APP } from "../core/push";
import { isFull } from "../db/open";
import { type Cursor, type Db, meta, type Push } from "../db/schema";
import { hear, jsonRequest, Problem } from "../platform/http";
import { cursorsOf, takeBlock, takeHead } from "./apply";
import { resultsOf } from "./judge";
import type { Ahead, Block, Head, Request, Result } from "./protocol";
import { blocks } from "./protocol";

/** How much a request lists of anything; the server takes no more. */
export const AT_ONCE = 500;

export interface RoundTrip {
  /** Something is left to ask for at once: the line was cut behind a block, or another tab was quicker. */
  readonly more: boolean;
  readonly catalog: string;
  /** For a part of the answer there was no room: the results are asked for again. */
  readonly full?: unknown;
  /** Of each write that was sent or asked for, kept here or not. */
  readonly results: readonly Result[];
  readonly server_time: number;
  /** Whether the server keeps the push that was asked for. */
  readonly known: boolean;
}

/** `push` is what the question sends or asks for. Throws a Problem where the server is silent, or its answer was cut before it brought anything. */
export async function roundTrip(
  db: Db,
  token: string,
  question: Omit<Request, "app" | "cursors">,
  push?: Push,
): Promise<RoundTrip> {
  const cursors = await cursorsOf(db);
  const sent = question.ask ? [] : await db.getAll("uploads", "state", "sent", AT_ONCE);
  const photos = [...new Set(sent.map((row) => row.sha256))];
  const restored = await meta(db, "restored");
  const held = await heldBeside(db, question.writes?.length ?? 0);
  const request: Request = { app: APP, cursors, restored, photos, held, ...question };
  const taken: Taken = { cursors, ahead: null, moved: false, ended: false, push };
  try {
    const body = hear(token, "sync", await jsonRequest(request, "application/x-ndjson"));
    for await (const piece of blocks(body)) {
      await take(db, taken, piece, request).catch((error: unknown) => {
        if (!isFull(error)) throw error;
        Object.assign(taken, { full: error, moved: true, cursors: null });
      });
      if (!taken.cursors || taken.ended) break;
    }
  } catch (error) {
    if (!(taken.moved && error instanceof Problem)) throw error;
  }
  const { head, full } = taken;
  if (!(head && taken.moved)) throw new Problem(0, "unreachable");
  const { catalog, server_time, photos: judged, asked } = head;
  const more = !full && (!taken.ended || judged.length === AT_ONCE);
  return { catalog, server_time, more, full, results: resultsOf(head, push), known: asked?.known ?? false };
}

/** without the writes that go now. */
async function heldBeside(db: Db, going: number): Promise<Held> {
  const [pending, refused, waiting] = await Promise.all([
    db.count("writes", "state", "pending"),
    db.count("writes", "state", "refused"),
    db.getAll("uploads", "state", "waiting"),
  ]);
  return heldOf(pending + refused - going, waiting);
}

interface Taken {
  readonly push: Push | undefined;
  head?: Head;
  full?: unknown;
  ahead: Ahead;
  /** As they were after the last block; null when another tab moved them. */
  cursors: Cursor[] | null;
  moved: boolean;
  ended: boolean;
}

async function take(db: Db, taken: Taken, piece: Head | Block, asked: Request): Promise<void> {
  if ("results" in piece) {
    taken.head = piece;
    const ahead = await takeHead(db, piece, asked, taken.push);
    taken.ahead = ahead ?? null;
    if (ahead === undefined || (!ahead && piece.minimum_app <= APP)) {
      taken.cursors = null;
      taken.moved = true;
    }
  } else if (taken.head && taken.cursors) {
    taken.cursors = await takeBlock(db, piece, taken.cursors, taken.head, taken.ahead);
    taken.moved = true;
    taken.ended = taken.cursors !== null && "more" in piece;
  }
}
