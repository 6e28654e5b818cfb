// How old something is that grows old while it is looked at: the fix of a place.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/text";
import { now } from "../platform/clock";
import { showTime } from "./show";

/** "5 giây trước"; beyond what counts in seconds the time itself. */
export function useAge(since = 0): string {
  const [, tick] = useState(0);
  useEffect(() => {
    const clock = setInterval(() => tick(Date.now()), 1000);
    return () => clearInterval(clock);
  }, []);
  const seconds = Math.max(0, Math.round((now() - since) / 1000));
  return seconds < 100 ? t("seconds_ago", { n: seconds }) : showTime(since);
}
