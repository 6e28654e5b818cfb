// A value for all components below, without handing it down. Who provides another value draws its children anew with
// it; a component that was not drawn goes on with the one it had.
import { calling } from "./component";
import type { Child, Component } from "./jsx-runtime";
import type { Node } from "./node";

interface Provided<T> {
  readonly value: T;
  readonly children: Child;
}

export interface Context<T> {
  readonly Provider: Component<Provided<T>>;
  readonly first: T;
}

export function createContext<T>(first: T): Context<T> {
  return { Provider: ({ children }) => children, first };
}

export function useContext<T>({ Provider, first }: Context<T>): T {
  for (let node: Node | undefined = calling(); node; node = node.up) {
    if (node.type === (Provider as unknown)) return (node.props as Provided<T>).value;
  }
  return first;
}
