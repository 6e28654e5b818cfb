// Where the phone stands, getting better while it is watched. Never waited for: no fix, no place.
import { now } from "./clock";

/** A place field's value: one value, for its parts make sense only together (SPEC W-5). Integers, for exact equality. */
export type Place = {
  readonly lat_e6: number;
  readonly lon_e6: number;
  readonly accuracy_m: number;
  readonly fixed_at: number;
};

/** PERMISSION_DENIED of the standard. */
const DENIED = 1;

/** Calls back with each fix, or with null when there can be none. Returns how to stop. */
export function watchPlace(tell: (place: Place | null) => void): () => void {
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) =>
      tell({
        lat_e6: Math.round(coords.latitude * 1e6),
        lon_e6: Math.round(coords.longitude * 1e6),
        accuracy_m: Math.round(coords.accuracy),
        fixed_at: Math.round(timestamp + now() - Date.now()),
      }),
    (error) => {
      if (error.code === DENIED) tell(null);
    },
    { enableHighAccuracy: true, maximumAge: 10_000 },
  );
  return () => navigator.geolocation.clearWatch(watch);
}
