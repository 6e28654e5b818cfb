// Hands a record's photos on: stamped copies with a caption, to whatever app the officer chooses; into the phone's own
// keeping where the browser cannot hand over.
import { bytesOf } from "../device/pictures";
import { stamped } from "../device/stamp";
import { said, t } from "../i18n/text";
import { values } from "../sync/record";
import { type App, kindOf } from "../ui/app-context";
import { notify } from "../ui/notice";
import { photosIn } from "../ui/picture";
import { fieldOf, part, showTime, showValue } from "../ui/show";

export async function share({ db, session, catalog }: App, record: string): Promise<void> {
  const row = await db.get("records", record);
  if (!row) return;
  const kind = kindOf(catalog, row.kind);
  const held = values(row.view.fields);
  const campaign = catalog.campaigns.find((one) => one.id === row.campaign);
  const show = (name = "") => held[name] && showValue(fieldOf(kind, name), held[name], campaign);
  const places = kind?.fields.filter(({ type, suggest }) => suggest === "hamlets" || type === "place") ?? [];
  const files: File[] = [];
  let text = "";
  for (const [field, photo] of photosIn(held)) {
    const path = `records/${record}/${field}/full`;
    const bytes = await bytesOf(db, session.token, path, String(part(photo, "sha256")), () => true);
    if (!bytes) continue;
    const lines = [
      `${said(kind?.label)} ${row.number} · ${catalog.units.find((one) => one.id === row.unit)?.name}`,
      ...places.map(({ name }) => show(name)),
      showTime(Number(part(photo, "taken_at"))),
      campaign?.practice && t("practice"),
      catalog.demo && t("demo"),
    ].filter(Boolean) as string[];
    const name = `${row.number}-${files.length + 1}.jpg`;
    files.push(new File([await stamped(bytes, lines)], name, { type: "image/jpeg" }));
    text = [show(kind?.title), ...lines].join("\n");
  }
  if (!text) return notify(t("photo_away"));
  try {
    if (navigator.canShare?.({ files })) await navigator.share({ files, text });
    else keep(files);
  } catch (error) {
    // Drawing took longer than the browser remembers a tap; or the officer thought better of it.
    if ((error as DOMException).name === "NotAllowedError") keep(files);
  }
}

function keep(files: readonly File[]): void {
  for (const file of files) {
    const href = URL.createObjectURL(file);
    Object.assign(document.createElement("a"), { href, download: file.name }).click();
  }
  notify(t("share_kept"));
}
