// Hands a record's photos on: copies with their details and a caption, to whatever app the officer chooses; into the
// phone's own keeping where the browser cannot hand over.

import { part, values } from "../core/record";
import { byId, kindOf } from "../db/catalog";
import { said, t } from "../i18n/text";
import { bytesOf } from "../photos/pictures";
import { stamped } from "../photos/stamp";
import type { App } from "../ui/app-context";
import { download } from "../ui/give";
import { notify } from "../ui/notice";
import { photosIn } from "../ui/picture";
import { fieldOf, showTime, showValue } from "../ui/show";

export async function share({ db, session, catalog }: App, record: string): Promise<void> {
  const row = await db.get("records", record);
  if (!row) return;
  const kind = kindOf(catalog, row.kind);
  const held = values(row.view.fields);
  const campaign = byId(catalog.campaigns, row.campaign);
  const show = (name = "") => held[name] && showValue(fieldOf(kind, name), held[name], campaign);
  const places = kind?.fields.filter(({ type, suggest }) => suggest === "hamlets" || type === "place") ?? [];
  const files: File[] = [];
  let text = "";
  for (const [field, photo] of photosIn(held)) {
    const path = `records/${record}/${field}/full`;
    const bytes = await bytesOf(db, session.token, path, String(part(photo, "sha256")), () => true);
    if (!bytes) continue;
    const lines = [
      `${said(kind?.label)} ${row.number} · ${byId(catalog.units, row.unit)?.name}`,
      ...places.map(({ name }) => show(name)),
      !part(photo, "undated") && showTime(Number(part(photo, "taken_at"))),
      campaign?.practice && t("practice"),
      catalog.demo && t("demo"),
    ].filter(Boolean) as string[];
    const name = `${row.number}-${files.length + 1}.jpg`;
    files.push(new File([await stamped(bytes, lines)], name, { type: "image/jpeg" }));
    text = [show(kind?.title), ...lines].filter(Boolean).join("\n");
  }
  if (!text) return notify(t("photo_away"));
  try {
    if (navigator.canShare?.({ files })) return await navigator.share({ files, text });
  } catch (error) {
    // The officer thought better of it, or is choosing already; else drawing took longer than the browser remembers a tap.
    if (["AbortError", "InvalidStateError"].includes((error as DOMException).name)) return;
  }
  for (const file of files) download(file);
  notify(t("share_kept"));
}
