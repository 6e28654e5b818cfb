// State, effects and references of components, by the names everybody knows. Every effect names what it depends on.
import { held } from "./component";
import type { Effect, Undo } from "./node";
import { drawSoon } from "./queue";

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
        if (value === state[0]) return;
        state[0] = value;
        drawSoon(node);
      },
    ];
    return state;
  });
}

/** Runs when the page is drawn; undone before it runs again, and when its component goes. */
export function useEffect(run: () => Undo, deps: readonly unknown[]): void {
  const effect = held((node) => {
    const made: Effect = {};
    node.effects.push(made);
    return made;
  });
  const { deps: before } = effect;
  if (before && deps.every((one, at) => one === before[at])) return;
  effect.deps = deps;
  effect.due = run;
}

/** `useRef<HTMLElement>(null)` as `ref` of an element: the last one that was drawn. */
export function useRef<T>(first: null): Ref<T | null>;
export function useRef<T>(first: T): Ref<T>;
export function useRef<T>(first: T): Ref<T> {
  return held(() => ({ current: first }));
}
