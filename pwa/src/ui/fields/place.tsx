// A position with its accuracy: taken at the shutter, or here. Getting better while it is watched, never waited for.
import { useEffect, useRef, useState } from "preact/hooks";
import { part } from "../../core/record";
import { t } from "../../i18n/text";
import { type Place, watchPlace } from "../../platform/place";
import { Allow, useAge } from "../sensors";
import { showValue } from "../show";
import type { FieldProps } from "./field";

/** Good enough to stop watching; and how long to try. */
const GOOD_M = 15;
const TRY_MS = 60_000;

export function PlaceInput({ field, value, set, seeking }: FieldProps) {
  const [watching, setWatching] = useState(seeking);
  const [denied, setDenied] = useState(false);
  const tell = useRef(set);
  tell.current = set;
  useEffect(() => {
    if (seeking) setWatching(true);
  }, [seeking]);
  useEffect(() => {
    if (!watching) return;
    let best = Number.POSITIVE_INFINITY;
    const take = (place: Place | null) => {
      setDenied(place === null);
      if (place === null) return setWatching(false);
      if (place.accuracy_m < best) tell.current(place);
      best = Math.min(best, place.accuracy_m);
      if (best <= GOOD_M) setWatching(false);
    };
    const stop = watchPlace(take);
    const enough = setTimeout(() => setWatching(false), TRY_MS);
    return () => {
      stop();
      clearTimeout(enough);
    };
  }, [watching]);
  const age = useAge(Number(part(value, "fixed_at")));
  return (
    <div class="place">
      <output>
        {value === null ? t("no_place") : showValue(field, value)}
        {value !== null && ` · ${age}`}
        {watching && ` · ${t("place_seeking")}`}
      </output>
      {denied && <small class="hint">{t("place_denied")}</small>}
      {denied && <Allow what="place" />}
      <button type="button" onClick={() => setWatching(true)} disabled={watching}>
        {t(value === null ? "place_take" : "place_again")}
      </button>
    </div>
  );
}
