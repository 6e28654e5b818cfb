// Forms, or what was changed of one, for which the phone had no room: in this page's memory until a later change, or a shot, finds
// some (SPEC P-28). They are on home and in a rescue file like all others, and hold their page.
import { equal, type Value, type Values } from "../core/write";
import type { Db, DraftRow } from "../db/schema";
import { holdPage } from "../platform/page";

interface Unplaced {
  readonly database: string;
  /** As it was when it was changed last. */
  readonly row: DraftRow;
  /** Of one that lies on the disk, what that lacks. */
  readonly owed: Values | undefined;
}

const byId = new Map<string, Unplaced>();
let letGo: (() => void) | undefined;

/** `placed` is what lies on the disk of it, if anything does. */
export function keepUnplaced({ name }: Pick<Db, "name">, row: DraftRow, placed?: DraftRow): void {
  byId.set(row.id, { database: name, row, owed: placed && difference(placed.now, row.now) });
  hold();
}

/** It is on the disk whole, or let go. */
export function forgetUnplaced(id: string): void {
  byId.delete(id);
  hold();
}

function hold(): void {
  const holds = [...byId.values()].some(({ row, owed }) =>
    owed ? Object.keys(owed).length > 0 : !row.untouched,
  );
  if (holds) letGo ??= holdPage(true);
  else {
    letGo?.();
    letGo = undefined;
  }
}

/** A draft as this page knows it; `held` is what lies on the disk. One that lay there and went stays gone. */
export function withUnplaced(id: string, held: DraftRow | undefined): DraftRow | undefined {
  const own = byId.get(id);
  if (!own) return held;
  const { row, owed } = own;
  if (!held) {
    if (owed) forgetUnplaced(id);
    return owed ? undefined : row;
  }
  const { as_planned } = row;
  return {
    ...held,
    ...(as_planned && { as_planned }),
    now: withValues(held.now, owed ?? row.now),
    untouched: false,
  };
}

/** Whether all that there is of a form is in this page's memory. */
export function isUnplaced(id: string): boolean {
  const own = byId.get(id);
  return own !== undefined && !own.owed;
}

export async function draftOf(db: Db, id: string): Promise<DraftRow | undefined> {
  return withUnplaced(id, await db.get("drafts", id));
}

export async function allDrafts(db: Db): Promise<readonly DraftRow[]> {
  const held = await db.getAll("drafts");
  const there = new Set(held.map(({ id }) => id));
  const alone = [...byId.values()].filter(
    ({ database, row, owed }) => database === db.name && !owed && !there.has(row.id),
  );
  return [...held.map((row) => withUnplaced(row.id, row) ?? row), ...alone.map(({ row }) => row)];
}

/** Of an officer who leaves, and was asked. */
export function forgetAllUnplaced({ name }: Pick<Db, "name">): void {
  for (const [id, { database }] of byId) if (database === name) forgetUnplaced(id);
}

/** With these, of which null takes one away. */
export function withValues(now: Values, values: Values): Values {
  return Object.fromEntries(Object.entries({ ...now, ...values }).filter(([, value]) => value !== null));
}

function difference(before: Values, after: Values): Values {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !equal(before[name], after[name]));
  return Object.fromEntries(changed.map((name): [string, Value] => [name, after[name] ?? null]));
}
