// A photo that a tap opens over the whole screen, where another tap brings it closer: to be dragged about then, or
// spread with two fingers like any page.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/text";
import { Picture } from "./picture";

type Props = Parameters<typeof Picture>[0];

export function Look(photo: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="look" aria-label={t("photo_look")} onClick={() => setOpen(true)}>
        <Picture {...photo} />
      </button>
      {open && <Large {...photo} size="full" close={() => setOpen(false)} />}
    </>
  );
}

function Large({ close, ...photo }: Props & { readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const sight = useRef<HTMLDivElement>(null);
  /** What was tapped, as a part of the photo; null while it is seen whole. */
  const [near, setNear] = useState<readonly [number, number] | null>(null);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    const area = sight.current;
    if (near && area)
      area.scrollTo(
        near[0] * area.scrollWidth - area.clientWidth / 2,
        near[1] * area.scrollHeight - area.clientHeight / 2,
      );
  }, [near]);
  return (
    <dialog ref={dialog} class="large" aria-label={t("photo")} onClose={close}>
      <div ref={sight} class="sight">
        <button
          type="button"
          class={near ? "look near" : "look"}
          aria-label={t(near ? "photo_whole" : "photo_closer")}
          onClick={(event) => setNear(near ? null : tapped(event))}
        >
          <Picture {...photo} />
        </button>
      </div>
      <button type="button" onClick={() => dialog.current?.close()}>
        {t("close")}
      </button>
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
