// Photos for which the phone has no room, in their form and on home: on the screen until they are stored, saved as a file, or let go.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { forgetUnkept, keepUnkept, type UnkeptPhoto } from "../../photos/unkept";
import { isoOf, now } from "../../platform/clock";
import { give } from "../../ui/give";

interface Props {
  readonly photos: readonly UnkeptPhoto[];
  /** Tries to store one once more; its form alone can. */
  readonly again?: (photo: UnkeptPhoto) => Promise<void>;
}

export function UnkeptPhotos({ photos, again }: Props) {
  const save = async (one: UnkeptPhoto) => {
    const name = `loa-${isoOf(now()).slice(0, 19).replaceAll(/\D/g, "")}.jpg`;
    // Who closes the sheet again has given nothing away.
    await give(new File([one.picture], name, { type: one.picture.type }));
    keepUnkept({ ...one, given: true });
  };
  return (
    <>
      {photos.map((one) => (
        <figure key={one.row.id}>
          <Shown picture={one.picture} />
          <figcaption>
            <p role="alert">{t(one.given ? "photo_unkept_given" : "photo_unkept")}</p>
          </figcaption>
          <div class="row">
            {again && (
              <button type="button" class="primary" onClick={() => void again(one)}>
                {t("try_again")}
              </button>
            )}
            <button type="button" onClick={() => void save(one).catch(() => undefined)}>
              {t("photo_to_file")}
            </button>
            {one.given && (
              <button type="button" onClick={() => forgetUnkept(one)}>
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
