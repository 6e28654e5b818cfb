// A place on a page where one of the two views plays plans; what is seen there, and what its parts tell.
import { Fragment as PreactFragment, createContext as preactContext, render as preactRender } from "preact";
import {
  useContext as preactContextOf,
  useEffect as preactEffect,
  useMemo as preactMemo,
  useRef as preactRef,
  useState as preactState,
} from "preact/hooks";
import { jsx as preactJsx } from "preact/jsx-runtime";
import { act } from "preact/test-utils";
import { createContext, useContext } from "./context";
import { useEffect, useMemo, useRef, useState } from "./hooks";
import { Fragment, jsx } from "./jsx-runtime";
import type { Plan } from "./plans.testing";
import { render } from "./queue";

/** What both views have, by one set of types. */
interface Library {
  readonly jsx: (type: unknown, props: object, key?: string) => unknown;
  readonly Fragment: unknown;
  readonly context: { readonly Provider: unknown };
  readonly contextOf: (context: never) => unknown;
  readonly state: <T>(first: () => T) => readonly [T, (next: T | ((before: T) => T)) => void];
  readonly effect: (run: () => () => void, deps: readonly unknown[]) => void;
  readonly memo: <T>(make: () => T, deps: readonly unknown[]) => T;
  readonly ref: (first: null) => { readonly current: unknown };
  readonly render: (child: never, place: HTMLElement) => void;
  /** Does something and waits until it is on the page and its effects have run. */
  readonly settled: (act: () => void) => unknown;
}

export class Stage {
  readonly #library: Library;
  readonly #place = document.createElement("div");
  readonly #log: string[] = [];
  readonly #setters = new Map<number, (to: number | ((before: number) => number)) => void>();
  readonly #nodes = new Map<globalThis.Node, number>();
  readonly #parts = new Map<number, unknown>();
  #made = 0;

  #tell: (shown: () => unknown) => void = () => undefined;

  constructor(library: Library) {
    this.#library = library;
    document.body.append(this.#place);
    const Root = () => {
      const [shown, show] = library.state<unknown>(() => null);
      this.#tell = show;
      return shown;
    };
    library.render(library.jsx(Root, {}) as never, this.#place);
  }

  async show(plan: Plan | null, context: number): Promise<void> {
    const { jsx: make, context: Context, settled } = this.#library;
    await settled(() =>
      this.#tell(() => plan && make(Context.Provider, { value: context, children: this.#build(plan) })),
    );
  }

  async set(parts: readonly number[], to: number): Promise<void> {
    const setters = [...this.#setters.values()];
    await this.#library.settled(() => {
      for (const one of parts) setters[one % setters.length]?.(one % 2 ? to : (before) => before + to);
    });
  }

  type(text: string): void {
    for (const input of this.#place.querySelectorAll("input")) {
      input.value = text;
      input.checked = text === "a";
    }
  }

  click(): void {
    for (const one of this.#place.querySelectorAll("*")) one.dispatchEvent(new Event("click"));
  }

  async leave(): Promise<void> {
    await this.show(null, 0);
    this.#place.remove();
  }

  log(): string[] {
    return this.#log.splice(0);
  }

  /** Every element with a number of its own, given when it is first seen: one that is made anew has another. */
  page(node: globalThis.Node = this.#place): unknown {
    if (!(node instanceof globalThis.Element)) return node.nodeValue;
    const number = this.#nodes.get(node) ?? this.#nodes.size;
    this.#nodes.set(node, number);
    const attributes = [...node.attributes].map((one) => `${one.name}=${one.value}`).sort();
    const input = node instanceof HTMLInputElement && [node.value, node.checked];
    const kids = [...node.childNodes].map((kid) => this.page(kid));
    return [number, node.namespaceURI, node.localName, attributes, input, kids];
  }

  #build(plan: Plan): unknown {
    const { jsx: make } = this.#library;
    if (plan.is === "nothing") return plan.value;
    if (plan.is === "text") return plan.text;
    const children = plan.kids.map((kid) => this.#build(kid));
    if (plan.is === "list") return children;
    if (plan.is === "fragment") return make(this.#library.Fragment, { children }, plan.key);
    if (plan.is === "part") return make(this.#part(plan.place), { given: plan.given, children }, plan.key);
    const { onClick, ...attributes } = plan.attributes;
    const told = onClick && { onClick: () => this.#log.push(String(onClick)) };
    return make(plan.tag, { ...attributes, ...told, children }, plan.key);
  }

  /** The component of a place: what it shows changes with its state, and it tells when its effects run. */
  #part(place: number): unknown {
    if (!this.#parts.has(place)) this.#parts.set(place, this.#component());
    return this.#parts.get(place);
  }

  #component(): (props: { readonly given: number; readonly children: unknown }) => unknown {
    const { jsx: make, ...use } = this.#library;
    return ({ given, children }) => {
      const [name] = use.state(() => this.#made++);
      const [state, set] = use.state(() => given);
      const seen = use.ref(null);
      const context = use.contextOf(use.context as never);
      const double = use.memo(() => {
        this.#log.push(`${name} memo ${given}`);
        return given * 2;
      }, [given]);
      const told = (what: string) => {
        const tag = seen.current as globalThis.Element | null;
        this.#log.push(`${name} ${what} ${tag?.localName}`);
      };
      use.effect(() => {
        this.#setters.set(name, set);
        told("comes");
        return () => {
          this.#setters.delete(name);
          this.#log.push(`${name} goes`);
        };
      }, []);
      use.effect(() => {
        told(`given ${given} state ${state}`);
        // A state that an effect changes: drawn once more.
        if (state > 6) set(given);
        return () => void this.#log.push(`${name} undoes ${given} ${state}`);
      }, [given, state]);
      const text = `${state} ${double} ${context}`;
      if (state % 4 === 0) return make("em", { ref: seen, children: [text, children] });
      if (state % 4 === 1) return [text, children];
      return state % 4 === 2 ? children : null;
    };
  }
}

export const mine = () =>
  new Stage({
    jsx: jsx as Library["jsx"],
    Fragment,
    context: createContext<unknown>(null),
    contextOf: useContext,
    state: useState,
    effect: useEffect,
    memo: useMemo,
    ref: useRef,
    render,
    settled: async (what) => {
      what();
      // Drawn in a moment of its own each time: once for the change, and for each that an effect made.
      for (let moment = 0; moment < 9; moment += 1) await Promise.resolve();
    },
  } as Library);

export const preact = () =>
  new Stage({
    jsx: preactJsx,
    Fragment: PreactFragment,
    context: preactContext(null),
    contextOf: preactContextOf,
    effect: preactEffect,
    memo: preactMemo,
    ref: preactRef,
    state: preactState,
    render: preactRender,
    settled: act,
  } as unknown as Library);
