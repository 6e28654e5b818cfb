// A photo that a tap opens over the whole screen: a swipe goes to the next one, another tap brings it closer, to be
// dragged about then, or spread with two fingers like any page.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Value } from "../core/record";
import { t } from "../i18n/text";
import { Picture } from "./picture";

interface Props {
  readonly record: string;
  /** All of the record: a swipe goes from one to the next. */
  readonly photos: readonly (readonly [string, Value])[];
  /** The one that is shown here. */
  readonly at: number;
  readonly size: "thumb" | "full";
}

export function Look(props: Props) {
  const [open, setOpen] = useState(false);
  const { record, photos, at, size } = props;
  const [field = "", value = null] = photos[at] ?? [];
  return (
    <>
      <button type="button" class="look" aria-label={t("photo_look")} onClick={() => setOpen(true)}>
        <Picture record={record} field={field} value={value} size={size} />
      </button>
      {open && <Large {...props} close={() => setOpen(false)} />}
    </>
  );
}

function Large({ record, photos, at, close }: Props & { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const sight = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState(at);
  /** What was tapped, as a part of the photo; null while it is seen whole. */
  const [near, setNear] = useState<readonly [number, number] | null>(null);
  // Before it is scrolled to the one that was tapped: what is not open has no width.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a swipe moves by itself.
  useLayoutEffect(() => {
    const area = sight.current;
    if (!area) return;
    // Back among the others, at the one that was near.
    if (!near) area.scrollTo({ left: shown * area.clientWidth, behavior: "instant" });
    else
      area.scrollTo(
        near[0] * area.scrollWidth - area.clientWidth / 2,
        near[1] * area.scrollHeight - area.clientHeight / 2,
      );
  }, [near]);
  const swiped = () => {
    const area = sight.current;
    if (area && !near) setShown(Math.round(area.scrollLeft / Math.max(1, area.clientWidth)));
  };
  return (
    <dialog ref={dialog} class="large" aria-label={t("photo")} onClose={close}>
      <div ref={sight} class={near ? "sight" : "sight slides"} onScrollEnd={swiped} onScroll={swiped}>
        {photos.map(
          ([field, value], nth) =>
            (!near || nth === shown) && (
              <button
                type="button"
                key={field}
                class={near ? "look near" : "look"}
                aria-label={t(near ? "photo_whole" : "photo_closer")}
                onClick={(event) => {
                  setShown(nth);
                  setNear(near ? null : tapped(event));
                }}
              >
                <Picture record={record} field={field} value={value} size="full" />
              </button>
            ),
        )}
      </div>
      <div class="row">
        {photos.length > 1 && <output>{t("photo_nth", { n: shown + 1, all: photos.length })}</output>}
        <button type="button" onClick={() => dialog.current?.close()}>
          {t("close")}
        </button>
      </div>
    </dialog>
  );
}

/** Above and below a wide photo there is ground; a key taps its middle. */
function tapped({ currentTarget, clientX, clientY, detail }: Tap): readonly [number, number] {
  const image = currentTarget.querySelector("img");
  if (!(image && detail)) return [0.5, 0.5];
  const { left, top, width, height } = image.getBoundingClientRect();
  const scale = Math.min(width / image.naturalWidth, height / image.naturalHeight);
  const part = (at: number, all: number, natural: number) =>
    Math.min(1, Math.max(0, 0.5 + (at - all / 2) / (natural * scale)));
  return [part(clientX - left, width, image.naturalWidth), part(clientY - top, height, image.naturalHeight)];
}

type Tap = MouseEvent & { readonly currentTarget: HTMLButtonElement };
