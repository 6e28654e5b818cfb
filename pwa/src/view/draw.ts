// Brings the page to what elements say, changing only what differs.
import { attribute } from "./attribute";
import { call } from "./component";
import { type Child, elementOf } from "./jsx-runtime";
import { type Effect, host, type Node, newNode } from "./node";

type Attributes = Readonly<Record<string, unknown>> & { readonly children?: Child };

/** Components drawn since effects were run, children before their parents. */
const drawn: Node[] = [];

/** Effects of components that went meanwhile. */
const left: Effect[] = [];

export function drawComponent(node: Node): void {
  node.dirty = false;
  drawKids(node, call(node));
  drawn.push(node);
}

/** A kid that has the same type and key (else place) as before stays; what is left over goes before others come. */
export function drawKids(node: Node, children: Child): void {
  const old = node.kids;
  const next: (readonly [Node, unknown])[] = [];
  for (const [place, child] of [children].flat().entries()) {
    const element = elementOf(child);
    if (!element) continue;
    const { type, props, key = place } = element;
    const found = old.findIndex((kid) => kid.key === key && kid.type === type);
    const [kid] = found < 0 ? [] : old.splice(found, 1);
    next.push([kid ?? newNode(type, key, node), props]);
  }
  for (const kid of old) remove(kid);
  node.kids = next.map(([kid]) => kid);
  for (const [kid, props] of next) draw(kid, props);
}

/** The same props are the same element once more: what a parent was given and hands on. */
function draw(node: Node, props: unknown): void {
  const { type, props: before } = node;
  if (props === before) return;
  node.props = props;
  if (typeof type === "function") drawComponent(node);
  else if (type) drawElement(node, type, props as Attributes, before as Attributes | undefined);
  else {
    node.dom ??= new Text();
    (node.dom as Text).data = props as string;
  }
}

function drawElement(node: Node, type: string, props: Attributes, before?: Attributes): void {
  node.dom ??= document.createElement(type);
  // The kids first: a select takes a value only when its options are there.
  drawKids(node, props.children);
  arrange(node);
  for (const name of Object.keys({ ...before, ...props })) {
    if (name !== "children" && name !== "key")
      attribute(node.dom as HTMLElement, name, props[name], before?.[name]);
  }
}

/** Puts what is drawn in a node where it belongs. What comes or goes beside the others moves none of them. */
export function arrange(node: Node): void {
  const place = host(node);
  let at = place.dom.firstChild;
  for (const dom of standing(place.kids)) {
    if (dom === at) at = at.nextSibling;
    else place.dom.insertBefore(dom, at);
  }
}

function standing(nodes: readonly Node[]): (HTMLElement | Text)[] {
  return nodes.flatMap((node) => node.dom ?? standing(node.kids));
}

/** Taken off the page as a whole; `within` what goes already. */
function remove(node: Node, within?: boolean): void {
  const { dom, kids } = node;
  node.gone = true;
  left.push(...node.effects);
  if (!within) dom?.remove();
  for (const kid of kids) remove(kid, within || dom !== undefined);
}

/** Runs the effects that are due, once what went and what changed is undone. */
export function settle(): void {
  for (const { undo } of left.splice(0)) undo?.();
  for (let node = drawn.shift(); node; node = drawn.shift()) {
    if (node.gone) continue;
    const due = node.effects.filter((effect) => effect.due);
    for (const { undo } of due) undo?.();
    for (const effect of due) {
      effect.undo = effect.due?.();
      effect.due = undefined;
    }
  }
}
