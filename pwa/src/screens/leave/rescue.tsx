// "Lưu ra tệp để nộp": what this phone cannot send goes to the desk as a file, by whatever road there is. Made first and
// given away then: a browser shares only what is there when the thumb comes down.
import { useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { rescueFiles, type Unsent, unsent, unsentRecords } from "../../officers/rescue";
import { isoOf, now } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
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

interface Made {
  readonly held: Unsent;
  readonly files: readonly File[];
}

/** What was given away since the app began, on whichever screen: as it is, the phone may be left. */
let given = "";

export function lastGiven(): string {
  return given;
}

/** Another one as soon as more, or less, is only on this phone. */
export function markOf({ writes, files }: Unsent): string {
  return [...writes.map((row) => row.id), ...files.map((row) => row.sha256)].join();
}

/** `onGiven` is called once the last of the files was given away. */
export function RescueFile({ onGiven }: { readonly onGiven?: () => void }) {
  const { db, session, catalog } = useApp();
  const held = useLive(() => unsent(db));
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<Made>();
  const [gone, setGone] = useState<readonly File[]>([]);
  if (!held) return null;
  const records = unsentRecords(held);
  if (records === 0) return <p class="empty">{t("rescue_nothing")}</p>;
  const make = async () => {
    setBusy(true);
    const time = isoOf(now());
    const said = {
      unit: catalog.units[0]?.name ?? "",
      mark: catalog.officer.mark,
      time: `${showDay(time.slice(0, 10))} ${time.slice(11, 16)}`,
    };
    const files = await rescueFiles(db, session, held, (part, all) =>
      // Without the signs that a system may not take in a name.
      t("rescue_name", { ...said, part: all > 1 ? t("rescue_part", { part, all }) : "" }).replace(
        /[\\/:*?"<>|]/g,
        "-",
      ),
    ).finally(() => setBusy(false));
    setMade({ held, files });
  };
  const handOver = async (file: File) => {
    await give(file);
    const all = [...gone, file];
    setGone(all);
    if (!made?.files.every((one) => all.includes(one))) return;
    given = markOf(made.held);
    onGiven?.();
  };
  return (
    <div class="enrol">
      <p>
        {t("rescue_holds", {
          n: records,
          photos: held.files.filter((row) => row.role === "full").length,
        })}
      </p>
      <button type="button" class={made ? "" : "primary"} onClick={make} disabled={busy}>
        {t("rescue_make")}
      </button>
      <div class="enrol" role="status">
        {made && <p>{t("rescue_made")}</p>}
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
