// A photo of a record, looked for once it is on the screen; while it cannot be seen its place is shown.
import { useEffect, useRef, useState } from "preact/hooks";
import { PHOTO_PREFIX, part, type Value } from "../core/record";
import { t } from "../i18n/text";
import { bytesOf } from "../photos/pictures";
import { useApp } from "./app-context";

interface Props {
  readonly record: string;
  readonly field: string;
  readonly value: Value;
  readonly size: "thumb" | "full";
}

export function Picture({ record, field, value, size }: Props) {
  const { db, session } = useApp();
  const { token } = session;
  const [address, setAddress] = useState("");
  const place = useRef<HTMLImageElement>(null);
  const hash = String(part(value, size === "thumb" ? "thumb_sha256" : "sha256"));
  useEffect(() => {
    let made = "";
    let gone = false;
    const load = async () => {
      const path = `records/${record}/${field}/${size}`;
      const bytes = await bytesOf(db, token, path, hash, () => !gone);
      if (!bytes || gone || made) return;
      made = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
      setAddress(made);
    };
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      void load();
    });
    if (place.current) watch.observe(place.current);
    addEventListener("online", load);
    return () => {
      gone = true;
      watch.disconnect();
      removeEventListener("online", load);
      URL.revokeObjectURL(made);
    };
  }, [db, token, record, field, size, hash]);
  const [width, height] = [Number(part(value, "width")) || 0, Number(part(value, "height")) || 0];
  // Its place is as large before it is there, or while another picture stands for it: nothing moves under a thumb.
  const shape = size === "full" && width && height ? { aspectRatio: `${width} / ${height}` } : {};
  return (
    <img
      ref={place}
      class={`picture ${size}`}
      {...(width && height ? { width, height } : {})}
      style={shape}
      decoding="async"
      src={address || "/app/away.svg"}
      alt={t(address ? "photo" : "photo_away")}
    />
  );
}

/** The photos on a record or form, in order of their time (SPEC S-6). */
export function photosIn(values: Readonly<Record<string, Value>>): (readonly [string, Value])[] {
  const taken = (value: Value) => Number(part(value, "taken_at")) || 0;
  const photos = Object.entries(values).filter(
    ([name, value]) => name.startsWith(PHOTO_PREFIX) && value !== null,
  );
  return photos.sort(([a, one], [b, other]) => taken(one) - taken(other) || (a < b ? -1 : 1));
}
