// When the page is drawn: at first as a whole, then what changed, all of one moment at once.
import { arrange, drawComponent, drawKids, settle } from "./draw";
import type { Child } from "./jsx-runtime";
import { type Node, newNode } from "./node";

let queue: Node[] = [];

export function render(child: Child, place: HTMLElement): void {
  const root = newNode(undefined, "");
  root.dom = place;
  drawKids(root, child);
  arrange(root);
  settle();
}

/** Before the next thing that happens: what an event or an answer changed is seen together. */
export function drawSoon(node: Node): void {
  if (queue.length === 0) void Promise.resolve().then(drawDirty);
  node.dirty = true;
  queue.push(node);
}

/** Parents first: they may draw their children too, or take them away. */
function drawDirty(): void {
  const nodes = queue.sort((a, b) => a.depth - b.depth);
  queue = [];
  for (const node of nodes) {
    if (node.gone || !node.dirty) continue;
    drawComponent(node);
    arrange(node);
  }
  settle();
}
