// A place on a page where one of the two views plays plans; what is seen there, and what its parts tell.
import { Fragment as PreactFragment, h as preactElement, render as preactRender } from "preact";
import { useEffect as preactEffect, useRef as preactRef, useState as preactState } from "preact/hooks";
import { act } from "preact/test-utils";
import { useEffect, useRef, useState } from "./hooks";
import { Fragment, h } from "./jsx-runtime";
import type { Plan } from "./plans.testing";
import { render } from "./queue";

/** What both views have, by one set of types. */
interface Library {
  readonly h: (type: unknown, props: object, ...children: unknown[]) => unknown;
  readonly Fragment: unknown;
  readonly state: <T>(first: () => T) => readonly [T, (next: T | ((before: T) => T)) => void];
  readonly effect: (run: () => () => void, deps: readonly unknown[]) => void;
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
    library.render(library.h(Root, {}) as never, this.#place);
  }

  async show(plan: Plan | null): Promise<void> {
    await this.#library.settled(() => this.#tell(() => plan && this.#build(plan)));
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
    await this.show(null);
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
    const { h: make } = this.#library;
    if (plan.is === "nothing") return plan.value;
    if (plan.is === "text") return plan.text;
    const children = plan.kids.map((kid) => this.#build(kid));
    if (plan.is === "list") return children;
    if (plan.is === "fragment") return make(this.#library.Fragment, { key: plan.key }, ...children);
    if (plan.is === "part")
      return make(this.#part(plan.place), { given: plan.given, key: plan.key }, ...children);
    const { onClick, ...attributes } = plan.attributes;
    const told = onClick && { onClick: () => this.#log.push(String(onClick)) };
    return make(plan.tag, { ...attributes, ...told, key: plan.key }, ...children);
  }

  /** The component of a place: what it shows changes with its state, and it tells when its effects run. */
  #part(place: number): unknown {
    if (!this.#parts.has(place)) this.#parts.set(place, this.#component());
    return this.#parts.get(place);
  }

  #component(): (props: { readonly given: number; readonly children: unknown }) => unknown {
    const { h: make, ...use } = this.#library;
    return ({ given, children }) => {
      const [name] = use.state(() => this.#made++);
      const [state, set] = use.state(() => given);
      const seen = use.ref(null);
      const told = (what: string) => {
        const tag = seen.current as globalThis.Element | null;
        // Preact forgets one that went.
        this.#log.push(`${name} ${what} ${tag?.isConnected ? tag.localName : ""}`);
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
      const text = `${state} ${given}`;
      if (state % 4 === 0) return make("em", { ref: seen }, text, children);
      if (state % 4 === 1) return [text, children];
      return state % 4 === 2 ? children : null;
    };
  }
}

export const mine = () =>
  new Stage({
    h: h as Library["h"],
    Fragment,
    state: useState,
    effect: useEffect,
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
    h: preactElement,
    Fragment: PreactFragment,
    effect: preactEffect,
    ref: preactRef,
    state: preactState,
    render: preactRender,
    settled: act,
  } as unknown as Library);
