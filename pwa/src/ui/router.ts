// The address behind # is the screen: reload, back and a killed page all return to it.
import { useLayoutEffect, useState } from "preact/hooks";

function parts(): string[] {
  return location.hash.replace(/^#\/?/, "").split("/");
}

export function useRoute(): string[] {
  const [route, setRoute] = useState(parts);
  useLayoutEffect(() => {
    const follow = () => {
      setRoute(parts());
      scrollTo(0, 0);
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}

/** A state that stays with its place in the history: back returns to it. Kept for this page only (history.state). */
export function useKept<T>(name: string, first: T): [T, (next: T) => void] {
  const [value, setValue] = useState<T>(() => history.state?.[name] ?? first);
  const set = (next: T) => {
    keepHere(name, next);
    setValue(next);
  };
  return [value, set];
}

export function keepHere(name: string, value: unknown): void {
  history.replaceState({ ...history.state, [name]: value }, "");
}

/** Nothing is done to the page under an open form. */
export function formOpen(): boolean {
  return /^#\/(new|form)/.test(location.hash);
}

export function go(path: string): void {
  location.hash = `/${path}`;
}

/** Goes there without leaving this screen behind in the history. */
export function goInstead(path: string): void {
  // At once, not when the browser comes to it: what is said next belongs to the new screen.
  history.replaceState(null, "", `#/${path}`);
  dispatchEvent(new Event("hashchange"));
}
