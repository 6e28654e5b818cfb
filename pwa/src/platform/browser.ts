// What the browser says of the app: what it runs in, whether it can be installed, how much room there is.
import { changed } from "./changed";

// Inside another app its data is lost with that app's cache; on an iPhone a home-screen app has a storage of its own.

/** Empty: an ordinary browser. */
export type Surroundings = "inapp" | "ios" | "";

/** Apps that open links in a window of their own; the last is what every WebView of Android says. */
const APPS =
  /Zalo|FBAN|FBAV|FB_IAB|Messenger|Instagram|TikTok|musical_ly|BytedanceWebview|Viber|Line\/|; wv\)/;

export function surroundings(agent: string, touches: number): Surroundings {
  // An iPad says that it is a Mac; no Mac has a touch screen.
  const apple = /iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && touches > 1);
  // On an iPhone only browsers name Safari.
  if (APPS.test(agent) || (apple && !/Safari\//.test(agent))) return "inapp";
  return apple ? "ios" : "";
}

/** Nothing is wrong with an app on the home screen; there an iPhone does not name Safari either. */
export function surroundingsHere(): Surroundings {
  const installed = matchMedia("(display-mode: standalone)").matches;
  return installed ? "" : surroundings(navigator.userAgent, navigator.maxTouchPoints);
}

/** "Android 13 · Chrome 138": what people read in a list of devices. */
export function deviceName(agent: string): string {
  const system =
    /Android \d+/.exec(agent)?.[0] ??
    (/iPhone|iPad/.exec(agent)?.[0] || /Windows|Macintosh|Linux/.exec(agent)?.[0] || "?");
  const browser =
    /(SamsungBrowser|coc_coc_browser|Edg|OPR|CriOS|FxiOS|Firefox|Chrome|Version)\/(\d+)/.exec(agent) ?? [];
  const [, name = "", version = ""] = browser;
  return [system, `${NAMES[name] ?? name} ${version}`.trim()].filter(Boolean).join(" · ");
}

const NAMES: Readonly<Record<string, string>> = {
  SamsungBrowser: "Samsung",
  coc_coc_browser: "Cốc Cốc",
  Edg: "Edge",
  OPR: "Opera",
  CriOS: "Chrome",
  FxiOS: "Firefox",
  Version: "Safari",
};

// The browser's own question whether to install, kept until the officer asks for it: it comes once, early, and only
// where nothing stands in the way of installing.

interface Question extends Event {
  prompt(): Promise<unknown>;
}

let question: Question | undefined;

export function keepQuestion(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    question = event as Question;
    changed();
  });
}

export function mayInstall(): boolean {
  return question !== undefined;
}

/** A browser answers its question once. */
export async function install(): Promise<void> {
  await question?.prompt();
  question = undefined;
  // Installed apps are granted what a tab is refused.
  await navigator.storage?.persist?.();
  changed();
}

/** A photo with its thumbnail. */
export const PHOTO_BYTES = 200_000;
/** Said while so many still go in: before it happens, in words. */
export const SCARCE_PHOTOS = 100;

export interface Room {
  readonly used: number;
  readonly all: number;
  readonly kept: boolean;
}

/** How much room the browser gives, and whether it promised to keep what is there. Null where it does not say. */
export async function room(): Promise<Room | null> {
  const { storage } = navigator;
  const { usage: used = 0, quota: all = 0 } = (await storage?.estimate?.()) ?? {};
  return all ? { used, all, kept: await storage.persisted() } : null;
}
