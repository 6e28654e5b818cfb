// Which screen an address is: its first part is the screen's name, its second the id that the screen is given.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/text";
import { goInstead, useRoute } from "../ui/router";
import { Enrol } from "./enrol";
import { Home } from "./home";
import type { Screens } from "./later";

/** They come with the page: what is seen first. */
const FIRST: Screens = { "": Home, enrol: Enrol };

let later: Promise<Screens> | undefined;
let come: Screens | undefined;

/** All the others, asked for once the first is drawn: by then they are nearly always there. */
export function laterScreens(): Promise<Screens> {
  later ??= import("./later").then(({ LATER }) => {
    come = LATER;
    return LATER;
  });
  return later;
}

/** Undefined while they are on their way; "lost" where they did not come. */
function useScreens(name: string): Screens | "lost" | undefined {
  const here = Object.hasOwn(FIRST, name) ? FIRST : come;
  const [, draw] = useState<Screens>();
  const [lost, setLost] = useState(false);
  useLayoutEffect(() => {
    if (here) return;
    let asked = true;
    laterScreens().then(
      (all) => asked && draw(all),
      () => asked && setLost(true),
    );
    return () => {
      asked = false;
    };
  }, [here]);
  return here ?? (lost ? "lost" : undefined);
}

interface Props {
  /** The one screen there is now: of a phone that is not enrolled, or is locked. */
  readonly only?: string | false | undefined;
  /** Screens that are there all the same. */
  readonly but?: readonly string[];
}

export function Screen({ only, but }: Props) {
  const route = useRoute();
  const [address = "", id = ""] = route;
  const name = only && !but?.includes(address) ? only : address;
  const screens = useScreens(name);
  const Found = screens !== "lost" && screens && Object.hasOwn(screens, name) ? screens[name] : undefined;
  useEffect(() => {
    if (screens && screens !== "lost" && !Found) goInstead("");
  }, [screens, Found]);
  // Once the new screen is there: before, the old one would be laid out once more.
  const first = useRef(route);
  useLayoutEffect(() => {
    if (route !== first.current) scrollTo(0, 0);
  }, [route]);
  useEffect(() => announced(route === first.current), [route]);
  if (screens === "lost") return <NotCome />;
  if (!Found) return null;
  // One element a screen: it goes as a whole, where each part's going would style the others anew.
  return (
    <div key={`${name} ${id}`}>
      {/* What stands behind another screen's name says nothing to the one that is there instead. */}
      <Found id={name === address ? id : ""} />
    </div>
  );
}

/** Only before the worker holds the app: on a line that broke off, or beside a server that has a newer app by now. */
function NotCome() {
  return (
    <>
      <h1>{t("part_away")}</h1>
      <p role="alert">{t("part_away_do")}</p>
      <button type="button" class="primary" onClick={() => location.reload()}>
        {t("try_again")}
      </button>
    </>
  );
}

/**
 * Where one is now: the title of the page, and for who hears the screen the focus on its heading, unless a screen put it
 * elsewhere. A screen that is read from the database has its heading a moment later. Returns how to stop looking.
 */
function announced(first: boolean): () => void {
  const look = () => {
    const heading = document.querySelector<HTMLElement>("main h1");
    if (!heading) return false;
    const text = heading.querySelector("select")?.selectedOptions[0]?.text ?? heading.textContent;
    document.title = `${text} · Loa`;
    if (!first && (document.activeElement ?? document.body) === document.body) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    return true;
  };
  if (look()) return () => undefined;
  const watch = new MutationObserver(() => look() && watch.disconnect());
  watch.observe(document.body, { childList: true, subtree: true });
  return () => watch.disconnect();
}
