// "Lưu ra tệp để nộp": what this phone cannot send goes to the desk as a file, by whatever road there is. Made first and
// given away then: a browser shares only what is there when the thumb comes down.
import { useState } from "preact/hooks";
import { countFiles } from "../../core/record";
import type { Db } from "../../db/schema";
import { sentence, t } from "../../i18n/text";
import { rescueFiles, type Unsent, unsent, unsentRecords } from "../../officers/rescue";
import {
  countLeft,
  countOpen,
  type LeftOut,
  packed,
  type Unfinished,
  unfinished,
} from "../../photos/unfinished";
import { allUnkept, keepUnkept } from "../../photos/unkept";
import { isoOf, now } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { filesText } from "../../ui/file-count";
import { give } from "../../ui/give";
import { useLive } from "../../ui/live";
import { showDay } from "../../ui/show";

export function RescueScreen() {
  return (
    <div class="enrol">
      <h1>{t("rescue")}</h1>
      <p>{t("rescue_help")}</p>
      <RescueFile />
      <a class="tap" href="#/leave">
        {t("leave")}
      </a>
    </div>
  );
}

/** What is on this phone alone: saved and not sent, or not saved. */
export interface Kept {
  readonly held: Unsent;
  readonly open: Unfinished;
}

export async function kept(db: Db): Promise<Kept> {
  return { held: await unsent(db), open: await unfinished(db) };
}

interface Made {
  readonly of: Kept;
  readonly files: readonly File[];
  /** What could not go into it. */
  readonly unread: readonly LeftOut[];
}

/** What was given away since the app began, on whichever screen: as it is, the phone may be left. */
let given = "";

export function lastGiven(): string {
  return given;
}

/** Another one as soon as more, or less, is only on this phone. */
export function markOf({
  held: { writes, files, entries },
  open: { drafts, waiting, captures },
}: Kept): string {
  const answers = entries.map(({ wire }) => JSON.stringify(wire));
  const saved = [...writes.map((row) => row.id), ...files.map((row) => row.sha256), ...answers];
  return [
    ...saved,
    ...drafts.map((one) => JSON.stringify([one.id, one.now])),
    ...waiting.map(({ url }) => url),
    ...captures.map(({ id }) => id),
  ].join();
}

/** `onGiven` is called once the last of the files was given away. */
export function RescueFile({ onGiven }: { readonly onGiven?: () => void }) {
  const { db, session, catalog } = useApp();
  const all = useLive(() => kept(db));
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<Made>();
  const [gone, setGone] = useState<readonly File[]>([]);
  if (!all) return null;
  const { held, open } = all;
  const records = unsentRecords(held);
  if (records + open.drafts.length + open.waiting.length + open.captures.length === 0)
    return <p class="empty">{t("rescue_nothing")}</p>;
  const make = async () => {
    setBusy(true);
    const time = isoOf(now());
    const said = {
      unit: catalog.units[0]?.name ?? "",
      mark: catalog.officer.mark,
      time: `${showDay(time.slice(0, 10))} ${time.slice(11, 16)}`,
    };
    const named = (part: number, all: number) =>
      // Without the signs that a system may not take in a name.
      t("rescue_name", { ...said, part: all > 1 ? t("rescue_part", { part, all }) : "" }).replace(
        /[\\/:*?"<>|]/g,
        "-",
      );
    try {
      const [loose, unread] = await packed(db, open);
      setMade({ of: all, files: await rescueFiles(db, session, held, loose, named), unread });
    } finally {
      setBusy(false);
    }
  };
  const handOver = async (file: File) => {
    await give(file);
    const given_away = [...gone, file];
    setGone(given_away);
    if (!made?.files.every((one) => given_away.includes(one))) return;
    given = markOf(made.of);
    // Where one is left out, nobody knows here which.
    const went = made.unread.length > 0 ? [] : made.of.open.captures.map(({ id }) => id);
    for (const one of allUnkept(db)) if (went.includes(one.row.id)) keepUnkept({ ...one, given: true });
    onGiven?.();
  };
  return (
    <div class="enrol">
      {records > 0 && <p>{t("rescue_holds", { n: records, what: filesText(countFiles(held.files)) })}</p>}
      {open.drafts.length + open.waiting.length + open.captures.length > 0 && (
        <p>{t("rescue_unfinished", { drafts: open.drafts.length, what: filesText(countOpen(open)) })}</p>
      )}
      <button type="button" class={made ? "" : "primary"} onClick={make} disabled={busy}>
        {t("rescue_make")}
      </button>
      <div class="enrol" role="status">
        {made && <p>{t("rescue_made")}</p>}
        {made?.unread[0] && (
          <p class="alert">
            {t("rescue_without", { what: filesText(countLeft(made.unread)) })}{" "}
            {[made.unread[0].pdf, sentence(made.unread[0].why)].filter((part) => part).join(": ")}
          </p>
        )}
        {made?.files.map((file) => (
          // Who closes the sheet again has given nothing away, and sees that.
          <button
            type="button"
            class="primary"
            key={file.name}
            ref={(button) => button?.scrollIntoView({ block: "nearest" })}
            onClick={() => void handOver(file).catch(() => undefined)}
          >
            {t("rescue_give", { name: file.name, mb: Math.ceil(file.size / 1e5) / 10 })}
          </button>
        ))}
      </div>
    </div>
  );
}
