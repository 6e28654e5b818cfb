// Calls the function of a component, and remembers between its calls what its hooks hold.
import type { Child, Component } from "./jsx-runtime";
import type { Node } from "./node";

let current: Node;
let turn = 0;

/** Hooks are called in the same order each time, so their turn tells them apart. */
export function call(node: Node): Child {
  current = node;
  turn = 0;
  return (node.type as Component)(node.props as Parameters<Component>[0]);
}

/** What a hook of the component that is being called holds; made the first time. */
export function held<T>(make: (node: Node) => T): T {
  const value = (current.hooks[turn] ?? make(current)) as T;
  current.hooks[turn] = value;
  turn += 1;
  return value;
}
