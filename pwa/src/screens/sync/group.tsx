// The records that got equally far, by the page, each with its photos and with the reason why something waits.
import { useState } from "preact/hooks";
import type { Delivery } from "../../core/view";
import { kindOf } from "../../db/catalog";
import type { RecordRow, UploadRow } from "../../db/schema";
import { shown as number, sentence, t, word } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { Item } from "../../ui/item";
import { useLive } from "../../ui/live";
import { Section } from "../../ui/section";
import { fieldLabel, fileLabel } from "../../ui/show";
import { openForm } from "../form/begin";
import { More } from "../list";
import { Refusal } from "./refusal";

interface Props {
  readonly group: Delivery;
  /** How many are shown at first. */
  readonly shown: number;
}

export function Group({ group, shown }: Props) {
  const { db, catalog } = useApp();
  const [most, setMost] = useState(shown);
  const held = useLive(async () => {
    const all = await db.count("records", "delivery", group);
    const rows = most > 0 ? await db.getAll("records", "delivery", group, most) : [];
    return { all, rows: await Promise.all(rows.map(withParts)) };
  }, `${most}`);
  const withParts = async (row: RecordRow) => {
    const uploads = await db.getAll("uploads", "record", row.record);
    const writes = await db.getAll("writes", "record", row.record);
    // Why the server has them wait.
    const kind = kindOf(catalog, row.kind);
    const later = writes.flatMap(({ state, code, field }) =>
      state === "pending" && code ? [[field && fieldLabel(kind, field), sentence(code)]] : [],
    );
    return { row, uploads, reasons: [...new Set(later.map((said) => said.filter(Boolean).join(": ")))] };
  };
  if (!held?.all) return null;
  return (
    <Section title={`${word("delivery", group)} (${number(held.all)})`}>
      <ul class="items">
        {held.rows.map(({ row, uploads, reasons }) => (
          <li key={row.record}>
            <Item row={row} />
            <FileProgress row={row} uploads={uploads} />
            {reasons.map((reason) => (
              <p key={reason} class="mark">
                {reason}
              </p>
            ))}
            {group === "refused" && <Refusal record={row.record} onCorrect={() => openForm(db, row)} />}
          </li>
        ))}
      </ul>
      <More found={held.all} most={most} set={setMost} />
    </Section>
  );
}

interface ProgressProps {
  readonly row: RecordRow;
  readonly uploads: readonly UploadRow[];
}

/** Files on their way, of a photo thumbnail and original: waiting, sending with bytes, received, verified, refused with why. */
function FileProgress({ row, uploads }: ProgressProps) {
  if (uploads.length === 0) return null;
  const sorted = [...uploads].sort((a, b) => a.field.localeCompare(b.field) || b.role.localeCompare(a.role));
  return (
    <ul class="progress">
      {sorted.map((upload) => (
        <li key={upload.sha256}>
          {upload.role === "thumb" ? t("thumbnail") : fileLabel(row.view.fields, upload.field)}:{" "}
          {stateOf(upload)}
          {upload.state === "waiting" && upload.sent_bytes > 0 && (
            <progress max={upload.size_bytes} value={upload.sent_bytes} />
          )}
        </li>
      ))}
    </ul>
  );
}

function stateOf({ state, code, sent_bytes, size_bytes }: UploadRow): string {
  if (state === "refused") return sentence(code ?? "internal");
  if (state === "waiting" && sent_bytes > 0)
    return t("photo_sending", { sent: kb(sent_bytes), all: kb(size_bytes) });
  return t(`upload_${state}`, { all: kb(size_bytes) });
}

function kb(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
