// The PDF files of a record or form, a row each: name, size, opened with what the phone has for it. Never shown in a page
// of ours, for a PDF may hold anything (SPEC P-19). A form adds some: what is wrong with one is said beside the button,
// before anything of it is kept.
import { useState } from "preact/hooks";
import type { Kind } from "../core/kind";
import { DOCUMENT_PREFIX } from "../core/record";
import { part, type Value, type Values } from "../core/write";
import { sentence, shown, t, word } from "../i18n/text";
import { bytesOf } from "../photos/pictures";
import { takeInPdf } from "../photos/take-in-pdf";
import { useApp } from "../ui/app-context";
import { download } from "../ui/give";
import { Icon } from "../ui/icon";
import { notify } from "../ui/notice";
import { adding } from "./form/adding";
import type { KeepPhoto, SetField } from "./form/use-draft";

type Document = readonly [string, Value];

interface DocumentsProps {
  readonly record: string;
  readonly held: Values;
  /** Of a form: its draft, and how it is changed. */
  readonly form?: {
    readonly id: string;
    readonly set: SetField;
    readonly keepPhoto: KeepPhoto;
  };
}

/** Nothing for a kind that takes none (SPEC S-13). */
export function Documents({ kind, ...its }: DocumentsProps & { readonly kind: Kind | undefined }) {
  return kind?.documents ? <DocumentList max={kind.documents.max} {...its} /> : null;
}

/** `max`: how many a record may have. */
function DocumentList({ max, record, held, form }: DocumentsProps & { readonly max: number }) {
  const { db, session } = useApp();
  const documents = documentsIn(held);
  const open = async ([field, value]: Document) => {
    const hash = String(part(value, "sha256"));
    const bytes = await bytesOf(db, session.token, `records/${record}/${field}`, hash, () => true);
    if (!bytes) return notify(t("document_away"));
    download(new File([bytes], nameOf(value), { type: "application/pdf" }));
  };
  const remove = ([name, value]: Document) => {
    form?.set(name, null);
    notify(t("document_removed"), { label: t("undo"), act: () => form?.set(name, value) });
  };
  if (!(form || documents[0])) return null;
  return (
    <section class="documents" aria-label={word("fields", "document")}>
      {documents.map((one) => (
        <div key={one[0]} class="row">
          <button type="button" class="open" onClick={() => open(one)}>
            <Icon name="media" />
            <span>
              {nameOf(one[1])} <small>{sizeOf(one[1])}</small>
            </span>
          </button>
          {form && (
            <button
              type="button"
              aria-label={t("document_remove", { name: nameOf(one[1]) })}
              onClick={() => remove(one)}
            >
              ×
            </button>
          )}
        </div>
      ))}
      {form && <Add {...form} max={max} room={max - documents.length} />}
    </section>
  );
}

/** In the order in which they were added (SPEC S-13). */
function documentsIn(held: Values): Document[] {
  const added = ([, value]: Document) => Number(part(value, "added_at"));
  const documents = Object.entries(held).filter(([name, value]) => name.startsWith(DOCUMENT_PREFIX) && value);
  return documents.sort((a, b) => added(a) - added(b) || (a[0] < b[0] ? -1 : 1));
}

function nameOf(value: Value): string {
  return String(part(value, "name"));
}

function sizeOf(value: Value): string {
  const bytes = Number(part(value, "size_bytes"));
  return bytes < 1e6 ? `${shown(Math.ceil(bytes / 1e3))} kB` : `${shown(Math.round(bytes / 1e5) / 10)} MB`;
}

interface Adding extends NonNullable<DocumentsProps["form"]> {
  readonly max: number;
  readonly room: number;
}

function Add({ id, max, room, keepPhoto }: Adding) {
  const { db } = useApp();
  const [faults, setFaults] = useState<readonly string[]>([]);
  const take = async (file: File) => {
    const taken = await takeInPdf(db, file);
    if (typeof taken !== "string") return keepPhoto(...taken, undefined);
    setFaults((said) => [...said, `${file.name}: ${sentence(taken)}`]);
    return false;
  };
  return (
    <>
      {faults.map((text) => (
        <p key={text} class="alert" role="alert">
          {text}
        </p>
      ))}
      {room > 0 && (
        <label class="button">
          <Icon name="media" />
          {t("document_add")}
          <input
            type="file"
            accept="application/pdf"
            multiple
            onChange={({ currentTarget: chooser }) => {
              const files = [...(chooser.files ?? [])];
              chooser.value = "";
              setFaults(files.length > room ? [t("documents_most", { n: max })] : []);
              for (const file of files.slice(0, room)) void adding(id, take(file));
            }}
          />
        </label>
      )}
    </>
  );
}
