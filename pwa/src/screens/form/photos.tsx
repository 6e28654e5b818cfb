// The photos of a form: by the page's camera first, by the phone's own camera or from its gallery second and marked so.
import type { RefObject } from "preact";
import { type Dispatch, type StateUpdater, useEffect, useRef, useState } from "preact/hooks";
import { isBare } from "../../core/draft";
import { weeksSoFar } from "../../core/figures";
import type { Kind } from "../../core/kind";
import { part, type Value } from "../../core/record";
import type { DraftRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { type About, captureOf, dropCapture, isAway } from "../../outbox/captures";
import { restCamera } from "../../photos/camera";
import { finishCaptures, liesElsewhere, takenAs } from "../../photos/finish";
import { layIntoInbox, type Source } from "../../photos/inbox";
import { MOST_BYTES, OUT_OF_MEMORY } from "../../photos/shrink";
import { type ReadyFile, type ReadyFileWithBytes, takeIn } from "../../photos/take-in";
import { claimInbox, takeOut } from "../../photos/tray";
import { forgetUnkept, keepUnkept, type UnkeptPhoto, unkeptOf } from "../../photos/unkept";
import { changed } from "../../platform/changed";
import { today } from "../../platform/clock";
import type { Place } from "../../platform/place";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { useLive } from "../../ui/live";
import { Look } from "../../ui/look-at";
import { notify } from "../../ui/notice";
import { photosIn } from "../../ui/picture";
import { showLogWeek } from "../../ui/show";
import { type Shot, Viewfinder } from "../../ui/viewfinder";
import { Documents } from "../documents";
import { adding } from "./adding";
import { faultText, unreadText } from "./remarks";
import { Stuck } from "./stuck";
import { UnkeptPhotos } from "./unkept";
import type { KeepFile, KeepPhoto, SetField } from "./use-draft";
import { Waiting } from "./waiting";

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly set: SetField;
  readonly keepPhoto: KeepPhoto;
  readonly keepFile: KeepFile;
  readonly refresh: () => Promise<void>;
  readonly touch: () => Promise<void>;
  readonly latest: RefObject<DraftRow>;
  readonly ended: RefObject<boolean>;
  /** How many are on their way. */
  readonly busy: number;
  readonly setBusy: Dispatch<StateUpdater<number>>;
  /** A new record that needs a photo begins at the camera. */
  readonly cameraFirst: boolean;
  readonly onPlace: (place: Place | null) => void;
  /** A reviewer asks for other photos. */
  readonly marked: boolean;
  /** It was tried to save: that there must be one is said. */
  readonly asked: boolean;
}

/** Until the next form has opened its camera. */
const BETWEEN_MS = 3_000;

export function Photos({
  draft,
  kind,
  set,
  keepPhoto,
  keepFile,
  refresh,
  touch,
  latest,
  ended,
  busy,
  setBusy,
  cameraFirst,
  onPlace,
  marked,
  asked,
}: Props) {
  const { db } = useApp();
  const photos = photosIn(draft.now);
  /** Open; for a photo that takes the place of another, that one's register. */
  const [camera, setCamera] = useState<boolean | string>(
    cameraFirst && photos.length + unkeptOf(draft.id).length === 0,
  );
  // One that came with others was judged when it was taken in.
  const [last, setLast] = useState<ReadyFile | undefined>(() => judged(draft));
  /** What the last page left undone was tried. */
  const [looked, setLooked] = useState(false);
  const { max } = kind.photos;
  const ownRecord = draft.record === draft.id;
  const fresh = isBare(draft) && busy === 0;
  const lacking = asked && kind.photos.required && photos.length + busy === 0;
  const room = max - photos.length - busy;
  const newest = photos.find(([name]) => name === last?.register[0]);
  const unkeptHere = useLive(async () => unkeptOf(draft.id), draft.id) ?? [];
  useEffect(() => () => restCamera(BETWEEN_MS), []);

  /** While `work` goes on, a photo is on its way: whoever saves waits for it. */
  const coming = <T,>(work: Promise<T>) => {
    setBusy((count) => count + 1);
    return adding(draft.id, work).finally(() => setBusy((count) => count - 1));
  };
  /** What no disk and no file has stays on the screen, and is found again on home. */
  const unkept = (picture: Blob, about: Omit<About, "is">, taken?: ReadyFileWithBytes) => {
    const row = captureOf(latest.current, picture, { is: "photo", ...about });
    keepUnkept({ database: db.name, row, picture, taken });
    // No form that was only looked at. What is so small may have room.
    void touch().catch(() => undefined);
  };
  const take = async (picture: Blob | Promise<Blob>, about: Omit<About, "is">) => {
    const photo = await Promise.resolve(picture).catch(() => null);
    if (!photo) {
      notify(faultText(kind, OUT_OF_MEMORY));
      return false;
    }
    if (photo.size > MOST_BYTES && about.source === "gallery") {
      notify(t("photo_too_large"));
      return false;
    }
    // Whatever a disk has against it: a shot that only this page has goes on.
    const id = await keepFile(photo, { is: "photo", ...about }).catch((error: unknown) =>
      isAway(error) ? "" : undefined,
    );
    if (id === "") {
      notify([photo instanceof File && photo.name, t("photo_unreadable")].filter((part) => part).join(": "));
      return false;
    }
    if (!id) return takeSmall(photo, about);
    await finishCaptures(db);
    await refresh();
    const left = await db.get("captures", id);
    if (!left) {
      setLast(takenAs(id));
      return true;
    }
    // What only lies here stays in the form, which says why.
    if (liesElsewhere(left)) {
      await dropCapture(db, id);
      notify(faultText(kind, left.code));
    }
    return false;
  };
  const add = (
    picture: Blob | Promise<Blob>,
    source: Source,
    instead?: boolean | string,
    taken_at?: number,
  ) =>
    coming(take(picture, { source, taken_at, instead: typeof instead === "string" ? instead : undefined }));
  const readSmall = async (picture: Blob, source: Source, taken_at?: number) => {
    const taken = await takeIn(picture, source, taken_at);
    if (typeof taken === "string") notify(unreadText(kind, taken));
    return taken;
  };
  /** One that could not be stored as it came: what is so small may have room. */
  const takeSmall = async (picture: Blob, about: Omit<About, "is">) => {
    const { source, taken_at, instead } = about;
    const taken = await readSmall(picture, source, taken_at);
    if (typeof taken === "string") {
      if (taken === OUT_OF_MEMORY || source !== "gallery") unkept(picture, about);
      return false;
    }
    const kept = await keepPhoto(taken, { instead }).catch(() => false);
    if (kept) setLast(taken);
    else unkept(...smallOf(taken, about));
    return kept;
  };
  /** One of the tray, where it lies meanwhile as it came. */
  const takeLaid = async (picture: Blob, source: Source, file: Request) => {
    const taken = await readSmall(picture, source);
    if (typeof taken === "string") {
      if (taken !== OUT_OF_MEMORY) await takeOut(db, file);
      return false;
    }
    const kept = await keepPhoto(taken, { file });
    setLast(taken);
    // A form that had ended took nothing in: the file waits for the next one.
    if (kept) await takeOut(db, file);
    return true;
  };
  const tryAgain = async (one: UnkeptPhoto) => {
    const { source, taken_at, instead } = one.row;
    const stored = one.taken
      ? await keepPhoto(one.taken, { instead })
      : await coming(take(one.picture, { source, taken_at, instead }));
    if (stored || !one.taken) forgetUnkept(one);
  };
  const addLaid = async (...photo: Parameters<typeof takeLaid>) => void (await coming(takeLaid(...photo)));
  const again = () => coming(finishCaptures(db, true).then(refresh));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the last page left undone is begun again with the form.
  useEffect(() => {
    void db
      .count("captures", "draft", draft.id)
      // Also what was done since the draft was read.
      .then((left) => (left > 0 ? coming(finishCaptures(db).then(refresh)) : refresh()))
      .finally(() => setLooked(true));
  }, [db]);
  const shot = ({ picture, place, taken_at }: Shot) => {
    setCamera(false);
    onPlace(place);
    void add(picture, "camera", camera, taken_at);
  };
  const remove = ([name, value]: readonly [string, Value]) => {
    set(name, null);
    notify(t("photo_removed"), { label: t("undo"), act: () => set(name, value) });
  };
  const input = (label: string, source: Source, capture?: "environment") => (
    <label class="button">
      <Icon name={capture ? "camera" : "gallery"} />
      {label}
      <input
        type="file"
        accept="image/*"
        multiple={!capture}
        capture={capture}
        onChange={({ currentTarget: chooser }) => {
          const files = [...(chooser.files ?? [])];
          chooser.value = "";
          setCamera(false);
          if (capture) onPlace(null);
          else if (fresh && files.length > 1)
            return void layIntoInbox(files, "gallery")
              .then(() => claimInbox(db))
              .finally(changed);
          if (files.length > room) notify(t("photos_most", { n: max }));
          let instead = camera;
          for (const file of files.slice(0, room)) {
            void add(file, source, instead);
            instead = true;
          }
        }}
      />
    </label>
  );
  const others = [input(t("photo_phone"), "phone", "environment"), input(t("photo_pick"), "gallery")];

  return (
    <section
      class={marked || lacking ? "photos marked" : "photos"}
      aria-label={t("photos")}
      aria-busy={busy > 0}
      data-field="photos"
      data-lacking={lacking || undefined}
    >
      {marked && <strong class="mark">{t("photos_check")}</strong>}
      <Figures
        draft={draft}
        kind={kind}
        set={set}
        photos={photos}
        remarked={newest?.[0] ?? ""}
        remark={last?.remark}
        remove={remove}
      />
      <Coming count={photos.length} busy={busy} />
      <UnkeptPhotos photos={unkeptHere} again={tryAgain} />
      <Stuck {...{ draft, kind, again }} idle={looked && busy === 0} />
      {ownRecord && <Waiting {...{ draft, kind, room, fresh, ended }} add={addLaid} />}
      {room > 0 && !camera && (
        <div class="row">
          <TakeOne {...{ draft, photos, busy, marked }} open={() => setCamera(true)} />
          {newest && (
            <button type="button" onClick={() => setCamera(newest[0])}>
              {t("photo_again")}
            </button>
          )}
          {photos.length + busy === 0 && others}
        </div>
      )}
      {camera && (
        <Viewfinder onShot={shot} onClose={() => setCamera(false)}>
          {others}
        </Viewfinder>
      )}
      <Documents
        kind={kind}
        record={draft.record}
        held={draft.now}
        form={{ latest, set, keepPhoto, keepFile, refresh }}
      />
    </section>
  );
}

/** What is kept of it then: its time is no longer in it. */
function smallOf(
  taken: ReadyFileWithBytes,
  about: Omit<About, "is">,
): [Blob, Omit<About, "is">, ReadyFileWithBytes] {
  const [full] = taken.bytes;
  const [, value] = taken.register;
  const taken_at = part(value, "undated") ? undefined : Number(part(value, "taken_at"));
  const picture = new Blob(full ? [full.bytes] : [], { type: "image/jpeg" });
  return [picture, { ...about, taken_at }, taken];
}

/** The photo of a draft that came with others, as it was judged then. */
function judged({ now, remark }: DraftRow): ReadyFile | undefined {
  const [register] = photosIn(now);
  return remark && register ? { register, remark } : undefined;
}

/**
 * As large as the photo will be, which bears its own remark, and gone in the very drawing in which it comes: nothing moves under the
 * thumb that is on its way to the slogan.
 */
function Coming({ count, busy }: { readonly count: number; readonly busy: number }) {
  const before = useRef(count);
  if (busy === 0) before.current = count;
  if (busy === 0 || count >= before.current + busy) return null;
  return (
    <p role="status" class={`picture ${count > 0 ? "thumb" : "full"}`}>
      {t("photo_working")}
    </p>
  );
}

type Photo = readonly [string, Value];

interface FiguresProps {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly set: SetField;
  readonly photos: readonly Photo[];
  /** The register of the one that is remarked on. */
  readonly remarked: string;
  readonly remark: ReadyFile["remark"];
  readonly remove: (photo: Photo) => void;
}

/** One alone stands in full width, uncropped; several side by side. */
function Figures({ draft, kind, set, photos, remarked, remark, remove }: FiguresProps) {
  return (
    <>
      {photos.map((photo, at) => (
        <figure key={photo[0]}>
          <Look record={draft.record} photos={photos} at={at} size={photos.length === 1 ? "full" : "thumb"} />
          {photo[0] === remarked && remark && (
            <p class="remark" role="status">
              {t(remark)}
            </p>
          )}
          <button type="button" class="remove" aria-label={t("photo_remove")} onClick={() => remove(photo)}>
            ×
          </button>
          <LogPage draft={draft} kind={kind} set={set} photo={photo} />
        </figure>
      ))}
    </>
  );
}

interface LogPageProps extends Pick<FiguresProps, "draft" | "kind" | "set"> {
  readonly photo: Photo;
}

/** Of what is aired by the day, a new photo may show the page of the station's log for a week (SPEC P-29). */
function LogPage({ draft, kind, set, photo: [name, value] }: LogPageProps) {
  const weeks = kind.confirm ? weeksSoFar(draft.now[kind.confirm.schedule], today()) : [];
  if (weeks.length === 0 || name in draft.drawn.values || value === null || typeof value !== "object")
    return null;
  const choose = (week: string) => {
    const { log_week: _before, ...rest } = value;
    set(name, week ? { ...rest, log_week: week } : rest);
  };
  return (
    <label class="log-page">
      <small>{t("log_page_is")}</small>
      <select
        value={String(part(value, "log_week") ?? "")}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        <option value="">{t("log_page_no")}</option>
        {weeks.map((week) => (
          <option key={week} value={week}>
            {showLogWeek(week)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface TakeOneProps extends Pick<FiguresProps, "draft" | "photos"> {
  readonly busy: number;
  readonly marked: boolean;
  readonly open: () => void;
}

/** Filled while there is none, or none of those that a return asks for: after that saving is what comes next. */
function TakeOne({ draft, photos, busy, marked, open }: TakeOneProps) {
  const more = photos.length + busy > 0;
  const again = marked && busy === 0 && photos.every(([name]) => name in draft.drawn.values);
  return (
    <button type="button" class={again || !more ? "primary" : ""} onClick={open}>
      <Icon name="camera" />
      {t(again ? "photo_again" : more ? "photo_more" : "photo_take")}
    </button>
  );
}
