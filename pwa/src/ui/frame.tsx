// What stands around screens: the unit, whether this is real, what the officer must know at once; and below some of
// them the other language.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { chooseLanguage, type Language, language, t } from "../i18n/text";
import { beginAnew } from "../platform/page";
import { Icon } from "./icon";
import { useNotice } from "./notice";
import { useRoute } from "./router";

interface Props {
  readonly unit?: string | undefined;
  /** Whose turn it is: several may share a phone. */
  readonly officer?: string | undefined;
  readonly demo?: boolean | undefined;
  readonly practice?: boolean | undefined;
  readonly ended?: boolean | undefined;
  readonly replaced?: boolean | undefined;
  readonly idle?: boolean | undefined;
  readonly outdated?: boolean | undefined;
  readonly children: ComponentChildren;
}

export function Frame({ unit, officer, demo, practice, ended, replaced, idle, outdated, children }: Props) {
  const [screen] = useRoute();
  const [notice, dismiss] = useNotice();
  const { bar, place, room } = useRoomBelow(notice);
  return (
    <>
      <header ref={bar} class={practice ? "bar practice" : "bar"}>
        {screen ? (
          <a href="#/" class="back">
            ‹ {t("home")}
          </a>
        ) : (
          <AppName enrolled={unit !== undefined} />
        )}
        <span>
          <span>{unit}</span>
          {officer && <small>{officer}</small>}
        </span>
        <a href={`#/help/${screen}`} class="ask" aria-label={t("help")}>
          ?
        </a>
      </header>
      <div ref={room} />
      <aside>
        {demo && (
          <p class="band">
            {t("demo")} · <a href="/#review">{t("demo_next")}</a>
          </p>
        )}
        {practice && <p class="band practice">{t("practice")}</p>}
        {ended && (
          <p class="alert" role="alert">
            {t("session_ended")} <a href="#/enrol">{t("enrol_again")}</a> ·{" "}
            <a href="#/rescue">{t("rescue")}</a>
          </p>
        )}
        {replaced && !ended && (
          <p class="alert">
            {t(idle ? "idle" : "replaced")} {idle && <a href="#/enrol">{t("enrol_again")}</a>}
          </p>
        )}
        {outdated && <p class="alert">{t("outdated")}</p>}
      </aside>
      <main>{children}</main>
      <div ref={place} role="status" class="notice-place">
        {notice.text && (
          <p class="notice">
            {notice.text}{" "}
            {notice.offer && (
              <button
                type="button"
                onClick={() => {
                  dismiss();
                  notice.offer?.act();
                }}
              >
                {notice.offer.label}
              </button>
            )}
            <button type="button" aria-label={t("close")} onClick={dismiss}>
              ×
            </button>
          </p>
        )}
      </div>
    </>
  );
}

/**
 * A notice lies over the header. Where it is higher, what stands below makes room for the rest, so that it never lies over a choice;
 * and the room stays when the notice goes, so that nothing moves under a thumb.
 */
function useRoomBelow(notice: { readonly text: string }) {
  const [bar, place, room] = [
    useRef<HTMLElement>(null),
    useRef<HTMLDivElement>(null),
    useRef<HTMLDivElement>(null),
  ];
  const screen = location.hash;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen begins without.
  useLayoutEffect(() => {
    if (room.current) room.current.style.height = "0";
  }, [screen]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each notice is measured once, as it comes.
  useLayoutEffect(() => {
    if (!(notice.text && bar.current && place.current && room.current)) return;
    const foot = (one: HTMLElement) => one.getBoundingClientRect().bottom;
    const more = foot(place.current) - Math.max(foot(bar.current), 0);
    const before = room.current.offsetHeight;
    // What was made before is out of sight where the page is scrolled.
    const next = scrollY > 0 ? before + Math.max(more, 0) : Math.max(before, more);
    room.current.style.height = `${Math.ceil(next)}px`;
  }, [notice]);
  return { bar, place, room };
}

/** On home the name of the app, which leads to the settings once there is somebody to set them. */
function AppName({ enrolled }: { readonly enrolled: boolean }) {
  if (!enrolled) return <b>Loa</b>;
  return (
    <a href="#/settings" class="back" aria-label={`Loa · ${t("settings")}`}>
      <Icon name="settings" />
      <b>Loa</b>
    </a>
  );
}

/** The other language, by its own name. */
export function LanguageSwitch() {
  const other = language() === "vi" ? "en" : "vi";
  return (
    <div class="row">
      <button type="button" lang={other} onClick={() => speakOther(other)}>
        {other === "vi" ? "Tiếng Việt" : "English"}
      </button>
    </div>
  );
}

/** Every form saves itself as it changes, so the page may simply start anew. */
function speakOther(other: Language): void {
  chooseLanguage(other);
  beginAnew();
}
