// What camera and place have in common on a screen: how old a fix is, and the way back from a "no".
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/text";
import { now } from "../platform/clock";
import { showTime } from "./show";

/** The age of a fix, ticking: "5 giây trước"; beyond 100 seconds the time itself. */
export function useAge(since = 0): string {
  const [, tick] = useState(0);
  useEffect(() => {
    const clock = setInterval(() => tick(Date.now()), 1000);
    return () => clearInterval(clock);
  }, []);
  const seconds = Math.max(0, Math.round((now() - since) / 1000));
  return seconds < 100 ? t("seconds_ago", { n: seconds }) : showTime(since);
}

/** The way back from a "no" said to the browser: where to tap, as a picture and in words. */
export function Allow({ what }: { readonly what: "camera" | "place" }) {
  return (
    <>
      <img src="/app/allow.svg" alt="" />
      <p>{t("allow", { what: t(what) })}</p>
    </>
  );
}
