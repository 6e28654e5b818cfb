// What stands on the page for an element, as long as its parent goes on drawing one of the same type and key there.
import type { Element } from "./jsx-runtime";

export interface Node {
  readonly type: Element["type"];
  /** Its own among its siblings, else its place among them. */
  readonly key: string | number;
  readonly up: Node | undefined;
  readonly depth: number;
  props: unknown;
  kids: Node[];
  /** A component has none: it stands where its kids stand. */
  dom?: HTMLElement | Text;
  /** What the hooks of a component hold, in the order they are called. */
  readonly hooks: unknown[];
  readonly effects: Effect[];
  /** To be drawn again. */
  dirty?: boolean;
  gone?: boolean;
}

export interface Effect {
  deps?: readonly unknown[];
  due?: (() => Undo) | undefined;
  undo?: Undo;
}

// biome-ignore lint/suspicious/noConfusingVoidType: what an effect without a return gives.
export type Undo = (() => void) | undefined | void;

export function newNode(type: Node["type"], key: Node["key"], up?: Node): Node {
  return { type, key, up, depth: up ? up.depth + 1 : 0, props: undefined, kids: [], hooks: [], effects: [] };
}

/** The nearest node that has its own place on the page: this one, or one it stands in. */
export function host(node: Node): Node & { dom: HTMLElement } {
  let found = node;
  while (!found.dom && found.up) found = found.up;
  return found as Node & { dom: HTMLElement };
}
