// State, effects and memory of components, by the names everybody knows. Every effect and memo names what it depends on.
import { held } from "./component";
import type { Effect, Undo } from "./node";
import { drawSoon } from "./queue";

type Deps = readonly unknown[];

export interface Ref<T> {
  current: T;
}

export type SetState<T> = (next: T | ((before: T) => T)) => void;

export function useState<T>(first: T | (() => T)): readonly [T, SetState<T>];
export function useState<T>(): readonly [T | undefined, SetState<T | undefined>];
export function useState<T>(first?: T | (() => T)): readonly [T | undefined, SetState<T | undefined>] {
  return held((node) => {
    const state: [T | undefined, SetState<T | undefined>] = [
      first instanceof Function ? first() : first,
      (next) => {
        const value = next instanceof Function ? next(state[0]) : next;
        if (Object.is(value, state[0])) return;
        state[0] = value;
        drawSoon(node);
      },
    ];
    return state;
  });
}

/** Runs when the page is drawn; undone before it runs again, and when its component goes. */
export function useEffect(run: () => Undo, deps: Deps): void {
  const effect = held((node) => {
    const made: Effect = {};
    node.effects.push(made);
    return made;
  });
  memo(() => {
    effect.due = run;
  }, deps);
}

function memo<T>(make: () => T, deps: Deps): T {
  const made = held((): { deps?: Deps; value?: T } => ({}));
  if (!made.deps || deps.some((one, at) => !Object.is(one, made.deps?.[at]))) {
    made.deps = deps;
    made.value = make();
  }
  return made.value as T;
}

export { memo as useMemo };

/** `useRef<HTMLElement>(null)` as `ref` of an element: the element while it is on the page. */
export function useRef<T>(first: null): Ref<T | null>;
export function useRef<T>(first: T): Ref<T>;
export function useRef<T>(first: T): Ref<T> {
  return held(() => ({ current: first }));
}
