// PDF files that another app handed over wait at each form that takes some: a new record's, and that of one which lacks its file.
import { useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { pdfOf, takeInAlone, trayPdfs } from "../../photos/tray";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { notify } from "../../ui/notice";
import { TrayPdfs } from "../tray-pdfs";
import { adding } from "./adding";

interface Props {
  /** The draft of the form. */
  readonly form: string;
  /** How many more go in. */
  readonly room: number;
  /** Takes a file of the tray into the form; false where it did not come in, which the form says. */
  readonly take: (file: File, key: Request) => Promise<boolean>;
}

export function WaitingPdfs({ form, room, take }: Props) {
  const { db } = useApp();
  const waiting = useLive(() => trayPdfs(db)) ?? [];
  const [going, setGoing] = useState(false);
  const takeAll = async () => {
    let well = true;
    for (const key of (await trayPdfs(db)).slice(0, room)) {
      const file = await pdfOf(key);
      if (file) well = (await take(file, key)) && well;
      changed();
    }
    return well;
  };
  const begin = () => {
    setGoing(true);
    void takeInAlone(async () => void (await adding(form, takeAll())))
      .then((ran) => ran || notify(t("inbox_busy")))
      .finally(() => setGoing(false));
  };
  if (!waiting[0] || going) return null;
  return (
    <TrayPdfs keys={waiting}>
      {room > 0 && (
        <button type="button" class="primary" onClick={begin}>
          {t("inbox_pdfs_take", { n: room })}
        </button>
      )}
    </TrayPdfs>
  );
}
