// What a person does with a phone, through the functions that the screens call, and what the phone holds then. This is the
// shipped app without its drawing: random histories (tests/property) run it in one process, many phones at once.

import { toSay } from "../src/core/figures";
import { dueDay, dueMoment, lateMarks } from "../src/core/late";
import type { Values } from "../src/core/record";
import { type Fields, seenOf, sides } from "../src/core/record";
import { erase, restore, settle } from "../src/core/settle";
import { verdictToRead } from "../src/core/view";
import { byId, kindOf } from "../src/db/catalog";
import { amend, ensureTotals } from "../src/db/records";
import { type Db, type DraftRow, meta, openDevice, type RecordRow, type Schema } from "../src/db/schema";
import { BROWSER, Driver } from "../src/exchange/driver";
import type { Session } from "../src/officers/officer";
import { rescueFiles, unsent } from "../src/officers/rescue";
import { beginSession, type Enrolled, officers } from "../src/officers/session";
import { capture } from "../src/outbox/captures";
import { beginEdit, beginNew, changeDraft } from "../src/outbox/drafts";
import { keepMessage } from "../src/outbox/messages";
import { discardRefused, retryRefused } from "../src/outbox/refused";
import { keepReply } from "../src/outbox/replies";
import { saveAct, saveForm, withValues } from "../src/outbox/save";
import { keepSeal } from "../src/outbox/seals";
import { finishCaptures } from "../src/photos/finish";
import { packed, unfinished } from "../src/photos/unfinished";
import { recallTime, today } from "../src/platform/clock";
import { call } from "../src/platform/http";
import { tidy } from "../src/screens/form/remarks";

interface File {
  readonly pdf: boolean;
  readonly name: string;
  /** In base64. */
  readonly bytes: string;
}

/** What is asked of an act: one type for all, as it comes over the line. */
interface Asked {
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  readonly record: string;
  readonly draft: string;
  readonly field: string;
  readonly text: string;
  readonly nth: number;
  readonly set: Values;
  readonly files: readonly File[];
  readonly store: Store;
  readonly key: string | null;
  readonly row: unknown;
}

type Store = keyof Schema;

const driver = new Driver(BROWSER);
let opened: { readonly db: Db; readonly session: Session } | undefined;

function here(): { readonly db: Db; readonly session: Session } {
  if (!opened) throw new Error("nobody has joined");
  return opened;
}

/** As the app starts: nobody's phone does nothing. */
export async function start(): Promise<void> {
  const [session] = await officers();
  if (!session) return;
  const db = await openDevice(session.database);
  recallTime(await meta(db, "offset_ms"), await meta(db, "exchanged_at"));
  opened = { db, session };
  await ensureTotals(db);
  await finishCaptures(db);
}

/** As before each run of the app (exchange/triggers.ts): another window of this phone may have joined, or joined anew. */
export async function wake(): Promise<void> {
  const [session] = await officers();
  if (session && opened) opened = { db: opened.db, session };
  else if (session) await start();
}

/** A token for this officer, the first or another. */
export async function join(enrolled: Enrolled): Promise<void> {
  await beginSession(enrolled);
  await start();
}

async function draftOf(id: string): Promise<DraftRow> {
  const draft = await here().db.get("drafts", id);
  if (!draft) throw new Gone();
  return draft;
}

/** What an act is about is no longer there: nothing is done, as no button is there. */
class Gone extends Error {
  override readonly message = "nothing there";
}

async function rowOf(record: string): Promise<RecordRow> {
  const row = await here().db.get("records", record);
  if (!row) throw new Gone();
  return row;
}

/** The form's last step (screens/form/form.tsx). */
async function save(id: string): Promise<string> {
  const { db } = here();
  const draft = await draftOf(id);
  const kind = kindOf(await meta(db, "catalog"), draft.kind);
  const now = tidy(kind ? toSay(kind, draft, today()) : draft.now);
  const { record, said } = await saveForm(db, { ...draft, now });
  return said ? record : "";
}

async function change(id: string, set: Values): Promise<void> {
  const there = await changeDraft(here().db, id, (held) => ({ ...held, now: withValues(held.now, set) }));
  if (!there) throw new Gone();
}

async function add(id: string, files: readonly File[]): Promise<void> {
  const { db } = here();
  for (const { pdf, name, bytes } of files) {
    const type = pdf ? "application/pdf" : "image/jpeg";
    const file = new Blob([Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0))], { type });
    await capture(db, await draftOf(id), file, { is: pdf ? "pdf" : "photo", source: "gallery", name });
  }
  await finishCaptures(db);
}

export const acts = {
  async create(asked: Asked): Promise<string> {
    const draft = await acts.begin(asked);
    await add(draft, asked.files);
    return save(draft);
  },
  /** The form of a new record, with what is entered; its draft. */
  async begin({ kind, unit, campaign, set }: Asked): Promise<string> {
    const { db } = here();
    const described = kindOf(await meta(db, "catalog"), kind);
    if (!described) throw new Gone();
    const draft = await beginNew(db, described, unit, campaign);
    await change(draft, set);
    return draft;
  },
  /** The form of a record; its draft. */
  async open({ record }: Asked): Promise<string> {
    return beginEdit(here().db, await rowOf(record));
  },
  async save({ draft, set, files }: Asked): Promise<string> {
    await change(draft, set);
    await add(draft, files);
    return save(draft);
  },
  async erase({ record }: Asked): Promise<void> {
    const row = await rowOf(record);
    if (!row.view.hidden) await saveAct(here().db, row, erase(row.view.fields));
  },
  async restore({ record }: Asked): Promise<void> {
    const row = await rowOf(record);
    await saveAct(here().db, row, restore(row.view.fields));
  },
  /** One of the sides of a conflict (screens/record/conflict.tsx). */
  async settle({ record, field, nth }: Asked): Promise<void> {
    const row = await rowOf(record);
    const all = sides(row.view.fields, field);
    if (all.length > 1)
      await saveAct(here().db, row, settle(row.view.fields, { [field]: all[nth % all.length] ?? null }));
  },
  async reply({ record, text }: Asked): Promise<string> {
    const row = await rowOf(record);
    if (verdictToRead(row.view, row.decision) !== "returned" || !row.decision || row.decision.reply)
      return "";
    await keepReply(here().db, record, row.decision.id, text);
    return row.decision.id;
  },
  /** A question about a record that the server has (screens/record/talk.tsx). */
  async ask({ record, text }: Asked): Promise<void> {
    const { last } = await rowOf(record);
    if (last > 0) await keepMessage(here().db, record, text);
  },
  /** "Xác nhận và gửi số liệu", of the sheet as it is now (screens/give.tsx). */
  async confirm({ unit, campaign }: Asked): Promise<string> {
    const { db, session } = here();
    const sheet = await call(session.token, `figures/${campaign}/${unit}`).then((answer) => answer.json());
    const { shown, basis, submitted } = sheet;
    await keepSeal(db, { unit, campaign, shown, empty: submitted === 0, basis });
    return basis;
  },
  /** "Discard", of what was refused of a record (screens/sync/refusal.tsx). */
  async discard({ record }: Asked): Promise<void> {
    await discardRefused(here().db, record);
  },
  /** "Send again", of everything that was refused. */
  async retry(): Promise<void> {
    const { db } = here();
    const lists = await Promise.all([
      db.getAll("writes", "state", "refused"),
      db.getAll("uploads", "state", "refused"),
    ]);
    for (const record of new Set(lists.flat().map((row) => row.record))) await retryRefused(db, record);
  },
  async exchange(): Promise<void> {
    await driver.sync(here().session);
  },
  /** In base64. */
  async rescue(): Promise<readonly string[]> {
    const { db, session } = here();
    const [loose] = await packed(db, await unfinished(db));
    const files = await rescueFiles(db, session, await unsent(db), loose, (nth) => `${nth}.loa`);
    const parts = await Promise.all(files.map((file) => file.arrayBuffer()));
    return parts.map((bytes) => Buffer.from(bytes).toString("base64"));
  },
  /** What no person does: a row is put (of `meta` under its name), or goes, or all of them. */
  async tamper({ store, key, row }: Asked): Promise<void> {
    await here().db.atomically(async (tx) => {
      const keys = key === null ? await tx.getAllKeys(store) : [key];
      if (row !== null) await tx.put(store, row as never, key ?? undefined);
      else for (const each of keys) await tx.delete(store, each);
    });
  },
  look,
  /** What is kept beside the parts is what the parts say: views, lists, sums, words. The differences. */
  async check(): Promise<readonly string[]> {
    const { db } = here();
    const derived = async () => ({
      records: await db.getAll("records"),
      words: await db.getAll("words"),
      totals: await meta(db, "totals"),
    });
    const before = await derived();
    await amend(db, async (tx) => {
      for (const { record } of before.records) tx.touched.add(record);
      await tx.delete("meta", "totals");
    });
    const after = await derived();
    const parts = ["records", "words", "totals"] as const;
    return parts.filter((part) => text(before[part]) !== text(after[part]));
  },
};

/** One text for what is equal, whatever the order of keys, and for nothing and a zero: a sum that came to nothing may stand. */
function text(value: unknown): string {
  const sorted = (_: string, one: unknown) =>
    one && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(
          Object.entries(one)
            .filter(([, part]) => part !== 0 && part !== undefined && text(part) !== "{}")
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : one;
  return JSON.stringify(value, sorted) ?? "";
}

/** What a screen shows, and what the phone keeps behind it. */
async function look(): Promise<object> {
  const { db } = here();
  const catalog = await meta(db, "catalog");
  const cursors = await db.getAll("cursors");
  const left = await meta(db, "left");
  const shown = (row: RecordRow) => {
    const { record, kind, unit, campaign, number, base, decision, view } = row;
    const lines = cursors.find((one) => one.unit === unit && one.campaign === campaign);
    const { level } = byId(catalog?.units, unit) ?? byId(left, unit) ?? {};
    const due = dueMoment(dueDay(byId(catalog?.campaigns, campaign), level));
    const late = view.state === "draft" ? [] : lateMarks(row.last, row.came ?? 0, { ...lines, due });
    const { hidden, state, delivery, fields } = view;
    return {
      ...{ record, kind, unit, campaign, number, decision, hidden, state, delivery, late },
      ...{
        shown: valuesOf(fields),
        conflicts: Object.keys(fields).filter((name) => sides(fields, name).length > 1),
      },
      based: seenOf(base),
      on_screen: seenOf(fields),
      alive: idsOf(base),
    };
  };
  return {
    cursors,
    records: (await db.getAll("records")).map(shown),
    writes: await db.getAll("writes"),
    drafts: await db.getAll("drafts"),
    uploads: await db.getAll("uploads"),
    captures: await db.count("captures", "draft", IDBKeyRange.lowerBound("")),
    entries: await db.getAll("entries"),
    push: (await meta(db, "push")) ?? null,
    restored: (await meta(db, "restored")) ?? null,
    noted: (await meta(db, "noted")) ?? null,
    named: (await meta(db, "named")) ?? null,
  };
}

function valuesOf(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, sides(fields, name)]));
}

function idsOf(fields: Fields): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(fields).map(([name, alive]) => [name, alive.map(({ id }) => id)]));
}
