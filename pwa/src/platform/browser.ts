// What the app runs in, as far as a browser says: inside another app, where its data is lost with that app's cache; on
// an iPhone, where a home-screen app has a storage of its own.

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
export function here(): Surroundings {
  const installed = matchMedia("(display-mode: standalone)").matches;
  return installed ? "" : surroundings(navigator.userAgent, navigator.maxTouchPoints);
}
