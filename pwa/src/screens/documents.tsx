// The PDF files of a record or form, a row each: name, size, opened with what the phone has for it. Never shown in a page
// of ours, for a PDF may hold anything (SPEC P-19). A form adds some: what is wrong with one is said beside the button,
// before anything of it is kept.
import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Document, documentName, documentsIn, fileName, noPlaceFor } from "../core/documents";
import type { Kind } from "../core/kind";
import { sizeFault } from "../core/pdf";
import { part, type Value, type Values } from "../core/record";
import type { DraftRow, UploadRow } from "../db/schema";
import { sentence, shown, t, word } from "../i18n/text";
import { dropCapture } from "../outbox/captures";
import { documentBytes } from "../photos/document-bytes";
import { finishCaptures, liesElsewhere } from "../photos/finish";
import { OUT_OF_MEMORY } from "../photos/shrink";
import { takeInPdf } from "../photos/take-in-pdf";
import { takeOut, trayPdfs } from "../photos/tray";
import { useApp } from "../ui/app-context";
import { filesText } from "../ui/file-count";
import { download } from "../ui/give";
import { Icon } from "../ui/icon";
import { useLive } from "../ui/live";
import { notify } from "../ui/notice";
import { adding } from "./form/adding";
import { faultOfPdf } from "./form/remarks";
import type { KeepFile, KeepPhoto, SetField } from "./form/use-draft";
import { WaitingPdfs } from "./form/waiting-pdfs";

/** Of a form: its draft, and how it is changed. */
interface DocumentForm {
  readonly latest: RefObject<DraftRow>;
  readonly set: SetField;
  readonly keepPhoto: KeepPhoto;
  readonly keepFile: KeepFile;
  readonly refresh: () => Promise<void>;
}

interface DocumentsProps {
  /** Undefined or without documents: what is there is shown all the same (SPEC S-11), and none is added (S-13). */
  readonly kind: Kind | undefined;
  readonly record: string;
  readonly held: Values;
  readonly form?: DocumentForm;
}

export function Documents({ kind, record, held, form }: DocumentsProps) {
  const { db } = useApp();
  const documents = documentsIn(held);
  const max = kind?.documents?.max ?? 0;
  const origin = form?.latest.current.replaces ?? record;
  const uploads = useLive(() => db.getAll("uploads", "record", form ? origin : ""), origin) ?? [];
  if (!(documents[0] || (form && max > 0))) return form ? <Elsewhere /> : null;
  const remove = (form: DocumentForm, [field, value]: Document) => {
    const most = Math.max(max, documents.length);
    const undo = () => {
      const fault = noPlaceFor(field, form.latest.current.now, most);
      if (fault) notify(t(fault, { n: most }));
      else form.set(field, value);
    };
    form.set(field, null);
    notify(t("document_removed"), { label: t("undo"), act: undo });
  };
  return (
    <section class="documents" aria-label={word("fields", "document")}>
      {documents.map((one) => (
        <Row
          key={one[0]}
          record={record}
          document={one}
          refused={uploads.find(({ field, state }) => field === one[0] && state === "refused")}
          remove={form && (() => remove(form, one))}
        />
      ))}
      {form && max > 0 && <Add {...form} max={max} taken={documents.length} />}
    </section>
  );
}

/** A form of a kind that takes none, open when another app handed some over: says that they are there. */
function Elsewhere() {
  const { db } = useApp();
  const pdfs = useLive(() => trayPdfs(db))?.length ?? 0;
  if (pdfs === 0) return null;
  return (
    <p class="alert">
      <a class="button" href="#/documents">
        {t("inbox_pdfs", { what: filesText({ photos: 0, pdfs }) })}
      </a>
    </p>
  );
}

interface RowProps {
  readonly record: string;
  readonly document: Document;
  /** The server did not take it. */
  readonly refused: UploadRow | undefined;
  readonly remove: (() => void) | undefined;
}

function Row({ record, document, refused, remove }: RowProps) {
  const { db, session } = useApp();
  const [busy, setBusy] = useState(false);
  const here = useRef(true);
  // At once, not behind the next frame.
  useLayoutEffect(
    () => () => {
      here.current = false;
    },
    [],
  );
  const value = document[1];
  const [name, size] = [documentName(value), sizeOf(value)];
  const open = async () => {
    setBusy(true);
    const fetched = documentBytes(db, session.token, record, document, () => here.current);
    const found = await fetched.finally(() => setBusy(false));
    if (typeof found === "string") notify(sentence(found));
    else if (found) download(new File([found], fileName(value), { type: "application/pdf" }));
  };
  return (
    <>
      <div class="row">
        <button
          type="button"
          class="open"
          aria-label={t("document_open", { name, size })}
          disabled={busy}
          onClick={open}
        >
          <Icon name="media" />
          <span>
            {name} <small>{size}</small>
          </span>
        </button>
        {remove && (
          <button type="button" aria-label={t("document_remove", { name })} onClick={remove}>
            ×
          </button>
        )}
      </div>
      {refused && <p class="mark">{sentence(refused.code ?? "internal")}</p>}
      {busy && <Reading />}
    </>
  );
}

function Reading() {
  return <p role="status">{t("document_reading")}</p>;
}

function sizeOf(value: Value): string {
  const bytes = Number(part(value, "size_bytes"));
  return bytes < 1e6 ? `${shown(Math.ceil(bytes / 1e3))} kB` : `${shown(Math.round(bytes / 1e5) / 10)} MB`;
}

interface AddProps extends DocumentForm {
  readonly max: number;
  /** How many it has. */
  readonly taken: number;
}

function Add({ latest, keepPhoto, keepFile, refresh, max, taken }: AddProps) {
  const { db } = useApp();
  const [faults, setFaults] = useState<readonly string[]>([]);
  /** How many are on their way. */
  const [busy, setBusy] = useState(0);
  const room = max - taken - busy;
  const coming = <T,>(work: Promise<T>) => {
    setBusy((count) => count + 1);
    return work.finally(() => setBusy((count) => count - 1));
  };
  /** The one that is there is the one that was chosen. */
  const wrong = ({ name }: File, fault: string) => {
    setFaults((said) => [...said, `${name}: ${faultOfPdf(fault, max)}`]);
    return fault === "document_twice";
  };
  const takeLaid = async (file: File, key: Request) => {
    const read = await takeInPdf(file);
    // Others may have come in meanwhile.
    const fault = typeof read === "string" ? read : noPlaceFor(read.register[0], latest.current.now, max);
    if (typeof read !== "string" && !fault) {
      const kept = await keepPhoto(read, { file: key });
      if (kept) await takeOut(db, key);
      return kept;
    }
    // What is wrong with a file stays wrong: it is offered no more.
    if (!(fault === OUT_OF_MEMORY || fault === "documents_most")) await takeOut(db, key);
    return wrong(file, String(fault));
  };
  const take = async (file: File) => {
    const size = sizeFault(file.size);
    if (size) return wrong(file, size);
    const id = await keepFile(file, { is: "pdf", source: "gallery", name: file.name });
    await finishCaptures(db);
    await refresh();
    const left = await db.get("captures", id);
    if (!(left && liesElsewhere(left))) return !left;
    await dropCapture(db, id);
    return wrong(file, left.code ?? "");
  };
  return (
    <>
      {faults.map((text) => (
        <p key={text} class="alert" role="alert">
          {text}
        </p>
      ))}
      {busy > 0 && <Reading />}
      <WaitingPdfs form={latest.current.id} room={room} take={(file, key) => coming(takeLaid(file, key))} />
      {room > 0 && (
        <label class="button">
          <Icon name="media" />
          {t("document_add")}
          <input
            type="file"
            accept=".pdf,application/pdf"
            multiple
            onChange={({ currentTarget: chooser }) => {
              const files = [...(chooser.files ?? [])];
              chooser.value = "";
              setFaults(files.length > room ? [t("documents_most", { n: max })] : []);
              for (const file of files.slice(0, room)) void adding(latest.current.id, coming(take(file)));
            }}
          />
        </label>
      )}
    </>
  );
}
