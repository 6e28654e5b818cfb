// Which screen an address is: its first part is the screen's name, its second the id that the screen is given.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/text";
import { beginAnew } from "../platform/page";
import { goInstead, useRoute } from "../ui/router";
import { Enrol } from "./enrol";
import { Home } from "./home";
import type { Screens } from "./later";

/** They come with the page: what is seen first. */
const FIRST: Screens = { "": Home, enrol: Enrol };

/** From here on one wonders whether the tap was felt. */
const LATE_MS = 300;
/** From here on a line that neither answers nor breaks is taken for broken. */
const LOST_MS = 15_000;

let later: Promise<Screens> | undefined;
let come: Screens | undefined;

/** All the others, asked for once the first is drawn: by then they are nearly always there. What failed is asked for again. */
export function laterScreens(): Promise<Screens> {
  later ??= import("./later").then(
    ({ LATER }) => {
      come = LATER;
      return LATER;
    },
    (error: unknown) => {
      later = undefined;
      throw error;
    },
  );
  return later;
}

type Coming = Screens | "late" | "lost" | undefined;

/** The screens among which this one is; meanwhile undefined, then "late", and "lost" where they did not come. And another try. */
function useScreens(name: string): [Coming, () => void] {
  const here = Object.hasOwn(FIRST, name) ? FIRST : come;
  const [found, setFound] = useState<Coming>();
  useLayoutEffect(() => {
    if (here) return;
    let asked = true;
    let timers: ReturnType<typeof setTimeout>[] = [];
    const settle = (now: Screens | "lost") => {
      timers.forEach(clearTimeout);
      if (asked) setFound(now);
    };
    const ask = () => {
      timers.forEach(clearTimeout);
      setFound((before) => (before === "lost" ? "late" : before));
      timers = [setTimeout(setFound, LATE_MS, "late"), setTimeout(setFound, LOST_MS, "lost")];
      laterScreens().then(settle, () => settle("lost"));
    };
    ask();
    addEventListener("online", ask);
    return () => {
      asked = false;
      timers.forEach(clearTimeout);
      removeEventListener("online", ask);
    };
  }, [here]);
  // Some browsers remember that a file did not come until the page is loaded anew. Without a network that would lose the page.
  const again = () => {
    laterScreens().then(setFound, () => navigator.onLine && beginAnew());
  };
  return [here ?? found, again];
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
  const [screens, again] = useScreens(name);
  const all = typeof screens === "object" ? screens : undefined;
  const Found = all && Object.hasOwn(all, name) ? all[name] : undefined;
  useEffect(() => {
    if (all && !Found) goInstead("");
  }, [all, Found]);
  // Once the new screen is there: before, the old one would be laid out once more.
  const first = useRef(route);
  useLayoutEffect(() => {
    if (route !== first.current) scrollTo(0, 0);
  }, [route]);
  // Behind a lock, or where one ends, another screen stands at the same address.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the name is that of the screen.
  useEffect(() => announced(route === first.current), [route, name]);
  if (screens === "late") return <p role="status">{t("part_coming")}</p>;
  if (screens === "lost") return <NotCome again={again} />;
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
function NotCome({ again }: { readonly again: () => void }) {
  return (
    <>
      <h1>{t("part_away")}</h1>
      <p role="alert">{t("part_away_do")}</p>
      <button type="button" class="primary" onClick={again}>
        {t("try_again")}
      </button>
    </>
  );
}

/**
 * Where one is now: the title of the page, and for who hears the screen the focus on its heading, unless a screen put it
 * elsewhere. A screen that is read from the database has its heading a moment later, and its number may change. Returns how to
 * stop looking.
 */
function announced(first: boolean): () => void {
  const title = new MutationObserver(() => entitle());
  const entitle = () => {
    const heading = document.querySelector<HTMLElement>("main h1");
    if (!heading) return null;
    const text = heading.querySelector("select")?.selectedOptions[0]?.text ?? heading.textContent;
    document.title = `${text} · Loa`;
    return heading;
  };
  const look = () => {
    const heading = entitle();
    if (!heading) return false;
    heading.addEventListener("change", entitle);
    title.observe(heading, { childList: true, subtree: true, characterData: true });
    if (!first && (document.activeElement ?? document.body) === document.body) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    return true;
  };
  const watch = new MutationObserver(() => look() && watch.disconnect());
  if (!look()) watch.observe(document.body, { childList: true, subtree: true });
  return () => {
    watch.disconnect();
    title.disconnect();
  };
}
