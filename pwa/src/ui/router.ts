// The address behind # is the screen: reload, back and a killed page all return to it.
import { useLayoutEffect, useState } from "preact/hooks";

function parts(): string[] {
  return location.hash.replace(/^#\/?/, "").split("/");
}

let before = "";

/** The screen that a link led from, by the first part of its address. */
export function cameFrom(): string {
  return before;
}

export function useRoute(): string[] {
  const [route, setRoute] = useState(parts);
  useLayoutEffect(() => {
    const follow = () => setRoute(parts());
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}

/** What `keepPlace` writes down beside the scroll, by name. */
const kept: Record<string, unknown> = {};

/** A state that is there again when the officer comes back to this place, if it was left by `keepPlace`. */
export function useKept<T>(name: string, first: T): [T, (next: T) => void] {
  const [value, setValue] = useState<T>(() => history.state?.[name] ?? first);
  useLayoutEffect(() => {
    kept[name] = value;
    return () => {
      delete kept[name];
    };
  }, [name, value]);
  return [value, setValue];
}

/** Called as a link is followed. Not with every key: Safari takes no more than 100 of these in half a minute. */
export function keepPlace(): void {
  [before = ""] = parts();
  history.replaceState({ ...kept, scroll: scrollY }, "");
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
