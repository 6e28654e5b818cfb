// One attribute of an element of the page. The event handlers are the element's own (`onclick`), one of each.

export function attribute(dom: HTMLElement, name: string, value: unknown, was: unknown): void {
  const own = dom as unknown as Record<string, unknown>;
  // What the officer changes on the page itself is compared with the page, not with what was drawn the last time.
  const live = /^(value|checked)$/.test(name) && "required" in dom;
  if (value === (live ? own[name] : was)) return;
  if (name === "ref") (value as { current: unknown }).current = dom;
  else if (name.startsWith("on")) own[name.toLowerCase()] = value ?? null;
  else if (live || typeof own[name] === "boolean") own[name] = value ?? "";
  else if (value === undefined || (value === false && !name.startsWith("aria"))) dom.removeAttribute(name);
  else dom.setAttribute(name, String(value));
}
