// A file of the campaign, opened from this phone: a text as a page to read aloud from, a design as a picture, anything
// else to be saved and opened with what the phone has.
import { useEffect, useState } from "preact/hooks";
import { byId } from "../db/catalog";
import { t } from "../i18n/text";
import { useApp } from "../ui/app-context";
import { useLive } from "../ui/live";

export function FileScreen({ id }: { readonly id: string }) {
  const { db, catalog } = useApp();
  const file = byId(
    catalog.campaigns.flatMap((one) => one.files ?? []),
    id,
  );
  const bytes = useLive(async () => (file && (await db.get("bytes", file.sha256))) ?? null, id);
  const [address, setAddress] = useState("");
  const type = file?.type ?? "";
  useEffect(() => {
    if (!bytes) return;
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  if (bytes === undefined) return null;
  if (!file) return <h1>{t("file_away")}</h1>;
  return (
    <article>
      <h1>{file.title}</h1>
      {!bytes && <p class="empty">{t("file_away")}</p>}
      {bytes && type.startsWith("text/") && <p class="read">{new TextDecoder().decode(bytes)}</p>}
      {address && type.startsWith("image/") && (
        <img class="picture full" src={address} alt={file.title} decoding="async" />
      )}
      {address && (
        <a class="tap" href={address} download={file.title}>
          {t("file_save")}
        </a>
      )}
    </article>
  );
}
