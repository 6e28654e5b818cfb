// A photo of a record: from this phone when it has it, else from the hub by record (SPEC P-7), else its place is shown.
import { useEffect, useState } from "preact/hooks";
import type { Db } from "../device/db";
import { call } from "../device/hub";
import { t } from "../i18n/text";
import { PHOTO_PREFIX } from "../sync/record";
import type { Value } from "../sync/write";
import { useApp } from "./app-context";

interface Props {
  readonly record: string;
  readonly field: string;
  readonly value: Value;
  readonly size: "thumb" | "full";
  /** Only what the phone holds: a list asks the hub for nothing. */
  readonly local?: boolean;
}

export function Picture({ record, field, value, size, local = false }: Props) {
  const { db, session } = useApp();
  const { token } = session;
  const [address, setAddress] = useState("");
  const hash = String(typeof value === "object" && value?.[size === "thumb" ? "thumb_sha256" : "sha256"]);
  useEffect(() => {
    let made = "";
    let gone = false;
    const load = async () => {
      const bytes = await bytesOf(db, local ? null : token, `records/${record}/${field}/${size}`, hash);
      if (!bytes || gone) return;
      made = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
      setAddress(made);
    };
    void load();
    return () => {
      gone = true;
      URL.revokeObjectURL(made);
    };
  }, [db, token, record, field, size, hash, local]);
  if (!address && local) return null;
  if (!address) return <span class={`picture ${size}`} role="img" aria-label={t("photo_away")} />;
  return <img class={`picture ${size}`} src={address} alt={t("photo")} />;
}

async function bytesOf(
  db: Db,
  token: string | null,
  path: string,
  hash: string,
): Promise<BufferSource | undefined> {
  const held = await db.get("bytes", hash);
  if (held || token === null) return held;
  // No network, or the photo has not reached the hub yet: another look later finds it.
  const answer = await call(token, path).catch(() => undefined);
  return answer?.body;
}

/** The photos on a record or form, in order of their time (SPEC S-6). */
export function photosIn(values: Readonly<Record<string, Value>>): (readonly [string, Value])[] {
  const taken = (value: Value) => Number(typeof value === "object" && value?.["taken_at"]) || 0;
  const photos = Object.entries(values).filter(
    ([name, value]) => name.startsWith(PHOTO_PREFIX) && value !== null,
  );
  return photos.sort(([a, one], [b, other]) => taken(one) - taken(other) || (a < b ? -1 : 1));
}
