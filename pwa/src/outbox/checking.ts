// What the checks of its kind find in a form, beside the records of its unit and campaign that this phone holds (SPEC F-26,
// F-27). Without a network as with one: the desk hints at the rest.

import { type Entry, type Finding, isKept, look } from "../core/checks";
import { withMarker } from "../core/figures";
import type { Check, Kind } from "../core/kind";
import { type Fields, KEPT_PREFIX, PHOTO_PREFIX, part, sides, type Values, values } from "../core/record";
import type { Campaign } from "../db/catalog";
import type { Db, DraftRow, RecordRow } from "../db/schema";
import { today } from "../platform/clock";
import { goesOn } from "./save";

export interface Checked {
  /** Of what the officer is asked: all, and those that nobody has answered. */
  readonly found: readonly Finding[];
  readonly open: readonly Finding[];
  /** The records that a finding names. */
  readonly others: Readonly<Record<string, RecordRow>>;
}

/** What a form shows by itself, as it is typed: of what it says beside others nothing. */
export function checkedAlone(
  kind: Kind,
  draft: DraftRow,
  campaign: Campaign | undefined,
): readonly Finding[] {
  const found = look(kind, [entry(kind, draft, [])], around(campaign));
  return found.filter((one) => asks(one) && !isAnswered(one, draft.now, {}));
}

/** `now`: what would be saved. The record that a form goes on over (F-42) is no other one. */
export async function checked(
  db: Db,
  kind: Kind,
  form: DraftRow,
  now: Values,
  campaign: Campaign | undefined,
  me: string,
): Promise<Checked> {
  const draft = await goesOn(db, form);
  const origin = draft.replaces ?? draft.record;
  const own = await db.get("records", origin);
  const stream = await db.getAll("records", "stream", [draft.unit, draft.campaign]);
  const shown = stream.filter((row) => row.record !== origin && isShown(row));
  const neighbours = shown.filter((row) => row.kind === draft.kind).map(entryOf);
  const photos = await homesOf(db, origin, now, shown);
  const its = entry(kind, { ...draft, now }, [me, ...writersOf(own?.view.fields ?? {})]);
  const found = look(kind, [its, ...neighbours], { ...around(campaign), photos }).filter(
    (one) => one.record === origin && asks(one),
  );
  const rows = await Promise.all(found.flatMap((one) => one.others).map((id) => db.get("records", id)));
  const others = Object.fromEntries(rows.flatMap((row) => (row ? [[row.record, row]] : [])));
  return { found, open: found.filter((one) => !isAnswered(one, now, own?.view.fields ?? {})), others };
}

function asks({ check }: { readonly check: Check }): boolean {
  return check.asks !== false;
}

function isAnswered(one: Finding, now: Values, stored: Fields): boolean {
  const field = KEPT_PREFIX + one.check.id;
  return isKept(one, now, [now[field] ?? null, ...sides(stored, field)]);
}

/** Of an older server's catalogue, which has no days, no day is outside. */
function around(campaign: Campaign | undefined) {
  return { starts_on: campaign?.starts_on ?? "", ends_on: campaign?.ends_on ?? "9", photos: {} };
}

/** As it would be saved: with what a new record says of how it counts (F-20). */
function entry(kind: Kind, draft: DraftRow, by: readonly string[]): Entry {
  const { record, replaces } = draft;
  return { id: replaces ?? record, values: withMarker(kind, draft), by, said_on: { "": today() } };
}

function entryOf({ record, view }: RecordRow): Entry {
  return { id: record, values: values(view.fields), by: writersOf(view.fields), said_on: {} };
}

function writersOf(fields: Fields): string[] {
  return [...new Set(Object.values(fields).flatMap((alive) => alive.map((side) => side.by)))];
}

function isShown({ view }: RecordRow): boolean {
  return !view.hidden && view.state !== "draft";
}

/** The records that show each photo of the form: those of its stream, and of any other this phone's own. */
async function homesOf(
  db: Db,
  origin: string,
  now: Values,
  stream: readonly RecordRow[],
): Promise<Record<string, readonly (readonly [string, string])[]>> {
  const names = Object.keys(now).filter((name) => name.startsWith(PHOTO_PREFIX) && now[name]);
  const found = names.map(async (name) => {
    const hash = String(part(now[name], "sha256"));
    const sent = await db.getAll("uploads", "sha256", hash);
    const rows = await Promise.all(sent.map(({ record }) => db.get("records", record)));
    const shows = [...stream, ...rows].filter(
      (row) =>
        row && row.record !== origin && isShown(row) && sides(row.view.fields, name).some((value) => value),
    );
    const ids = [...new Set(shows.flatMap((row) => row?.record ?? []))];
    return [hash, ids.map((id) => [id, hash] as const)] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}
