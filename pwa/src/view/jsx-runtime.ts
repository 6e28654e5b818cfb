// What the compiler turns JSX into: a description of what is to be seen, nothing of the page yet.
//
// Why a view of our own: the first script and the sheet have to fit into 20 kB, and no kept library with state, effects and
// keyed lists is under 2.7 kB (fre 2.8, lit-html 4.1, preact 5.5, uhtml 6.7; superfine and VanJS, 1.2 each, have no
// components with state). This folder is 1.1 kB, knows what these screens use and nothing else, and is held against
// preact by oracle.test.ts: the same page, the same kept elements, the same effects in the same order.
import type { Tags } from "./html";

/** Nothing (null, undefined, a boolean), text, an element, or a list of these. */
export type Child = Element | string | number | boolean | null | undefined | readonly Child[];

export type Component<P = Record<string, unknown>> = (props: P) => Child;

export interface Element {
  /** A text on its own has no type; its props are the text. */
  readonly type: string | Component | undefined;
  readonly props: unknown;
  readonly key: string | undefined;
}

/** The compiler writes the children behind the props. */
export function h(
  type: string | Component,
  props: Readonly<Record<string, unknown>> | null,
  ...children: Child[]
): Element {
  return { type, props: { ...props, children }, key: props?.["key"] as string | undefined };
}

/** Several children where one is asked for. */
export function Fragment({ children }: { readonly children?: Child }): Child {
  return children;
}

/** Null where nothing is to be seen. */
export function elementOf(child: Child): Element | null {
  if (child === null || child === undefined || typeof child === "boolean") return null;
  if (Array.isArray(child)) return h(Fragment as Component, null, ...child);
  return typeof child === "object"
    ? (child as Element)
    : { type: undefined, props: `${child}`, key: undefined };
}

/** The types that the compiler checks JSX by. */
export declare namespace JSX {
  type Element = Child;
  type ElementType = keyof Tags | ((props: never) => Child);
  type IntrinsicElements = Tags;
  interface IntrinsicAttributes {
    key?: string | undefined;
  }
  interface ElementChildrenAttribute {
    children: Child;
  }
}
