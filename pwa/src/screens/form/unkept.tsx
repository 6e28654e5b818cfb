// Photos of a form for which the phone has no room: on the screen until they are stored, saved as a file, or let go.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { changeUnkept, type UnkeptPhoto, unkeptOf } from "../../photos/unkept";
import { isoOf, now } from "../../platform/clock";
import { give } from "../../ui/give";
import { useLive } from "../../ui/live";
import type { KeepPhoto } from "./use-draft";

interface Props {
  readonly form: string;
  readonly keepPhoto: KeepPhoto;
}

export function UnkeptPhotos({ form, keepPhoto }: Props) {
  const photos = useLive(async () => [...unkeptOf(form)], form) ?? [];
  const store = async (one: UnkeptPhoto) => {
    if (await one.store(keepPhoto)) changeUnkept(form, one);
  };
  const save = async (one: UnkeptPhoto) => {
    const name = `loa-${isoOf(now()).slice(0, 19).replaceAll(/\D/g, "")}.jpg`;
    // Who closes the sheet again has given nothing away.
    await give(new File([one.picture], name, { type: one.picture.type }));
    changeUnkept(form, one, { ...one, given: true });
  };
  return (
    <>
      {photos.map((one, nth) => (
        <figure key={nth}>
          <Shown picture={one.picture} />
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
              <button type="button" onClick={() => changeUnkept(form, one)}>
                {t("photo_remove")}
              </button>
            )}
          </div>
        </figure>
      ))}
    </>
  );
}

function Shown({ picture }: Pick<UnkeptPhoto, "picture">) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(picture);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  return <img class="picture thumb" src={address} alt={t("photo")} decoding="async" />;
}
