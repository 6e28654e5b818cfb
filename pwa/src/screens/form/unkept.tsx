// Photos of a form for which the phone has no room: on the screen until they are stored, saved as a file, or let go.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { storePhoto } from "../../photos/take-in";
import { putUnkept, type UnkeptPhoto, unkeptOf } from "../../photos/unkept";
import { useApp } from "../../ui/app-context";
import { give } from "../../ui/give";
import { useLive } from "../../ui/live";
import type { KeepPhoto } from "./use-draft";

interface Props {
  readonly form: string;
  readonly keepPhoto: KeepPhoto;
}

export function UnkeptPhotos({ form, keepPhoto }: Props) {
  const { db } = useApp();
  const photos = useLive(async () => [...unkeptOf(form)], form) ?? [];
  const without = (one: UnkeptPhoto) => unkeptOf(form).filter(({ photo }) => photo !== one.photo);
  const store = async (one: UnkeptPhoto) => {
    await storePhoto(db, one.photo);
    // One whose form had ended stays here.
    if (await keepPhoto(...one.register, undefined)) putUnkept(form, without(one));
  };
  const save = async (one: UnkeptPhoto) => {
    const { bytes, sha256 } = one.photo.full;
    // Who closes the sheet again has given nothing away.
    await give(new File([bytes], `loa-${sha256.slice(0, 8)}.jpg`, { type: "image/jpeg" }));
    putUnkept(form, [...without(one), { ...one, given: true }]);
  };
  return (
    <>
      {photos.map((one) => (
        <figure key={one.photo.full.sha256} class="unkept">
          <Shown photo={one} />
          <figcaption>
            <p role="alert">{t(one.given ? "photo_unkept_given" : "photo_unkept")}</p>
          </figcaption>
          <div class="row">
            <button type="button" class="primary" onClick={() => void store(one)}>
              {t("try_again")}
            </button>
            <button type="button" onClick={() => void save(one).catch(() => undefined)}>
              {t("photo_to_file")}
            </button>
            {one.given && (
              <button type="button" onClick={() => putUnkept(form, without(one))}>
                {t("photo_remove")}
              </button>
            )}
          </div>
        </figure>
      ))}
    </>
  );
}

function Shown({ photo: { photo } }: { readonly photo: UnkeptPhoto }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([photo.thumb.bytes], { type: "image/jpeg" }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [photo]);
  return <img class="picture thumb" src={address} alt={t("photo")} />;
}
