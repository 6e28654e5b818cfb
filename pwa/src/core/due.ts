// What the home screen asks about a record, by its kind: whether the airings of a day were made (until each day of the
// schedule has an answer), and whether it was taken down (from the day its time is up). A hint, never a block.
import { progressOf } from "./airings";
import { addDays } from "./day";
import type { Kind } from "./kind";
import { values } from "./record";
import type { View } from "./view";

export type Due = readonly ["confirm" | "life", string];

/** One of both: no kind that has a schedule hangs anywhere. */
export function dueOf(kind: Kind | undefined, { fields, hidden }: View): Due | null {
  if (hidden) return null;
  const { life } = kind ?? {};
  const held = values(fields);
  // The days to come too: asked for from the first of them without an answer.
  const [open] = progressOf(kind, held, "9")?.open ?? [];
  if (open) return ["confirm", open];
  const from = life && addDays(held[life.from], life.days);
  const ended = life && fields[life.to]?.some((side) => side.value !== null);
  return from && !ended ? ["life", from] : null;
}
