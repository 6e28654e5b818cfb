// What holds for the next record of a kind as for this one: the slogan, the village, the number; not where it is, what
// was noted of it, or what has yet to happen to it.
import type { Kind } from "./kind";
import type { Values } from "./write";

export function lasting(kind: Kind, now: Values): Values {
  const own = kind.fields.filter(
    ({ type, multiline, default: usual }) =>
      type === "place" || multiline || (type === "date" && usual === undefined),
  );
  const fields = kind.fields.filter((field) => !own.includes(field));
  const entries = fields.map(({ name }) => [name, now[name] ?? null] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}
