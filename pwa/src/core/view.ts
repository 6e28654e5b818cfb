// What the officer is shown of a record: its state (SPEC D-7), how far it got (H-1), and whether it needs a person.

import { addDays } from "./day";
import { progressOf } from "./figures";
import type { Kind } from "./kind";
import {
  canonical,
  conflicts,
  countFiles,
  editedWhileDeleted,
  type Fields,
  type FileCount,
  hidden,
  lay,
  sides,
  submitted,
  type Values,
  values,
  type Write,
} from "./record";

/** */
export interface Decision {
  readonly id: string;
  readonly verdict: "counted" | "returned" | "not_counted";
  readonly reason: string;
  readonly fields: readonly string[];
  readonly by: string;
  readonly at: number;
  readonly amended: boolean;
  /** Of an amended record: the values that count (D-5). An older server does not have them. */
  readonly counted?: Values;
  /** An officer's answer to a return (D-13). */
  readonly reply?: Reply;
}

/** D-13. */
export interface Reply {
  readonly id: string;
  readonly text: string;
  readonly by: string;
  readonly at: number;
}

/** D-15. */
export interface Message extends Reply {
  /** By somebody who decides on the record. */
  readonly above: boolean;
}

/** The last that somebody said who decides on it. */
export function saidAbove(messages: readonly Message[] | undefined): Message | undefined {
  return messages?.filter(({ above }) => above).at(-1);
}

/** An own write on its way: pending, stored by the server, landed (stored and in the pulled base, X-10), or refused. */
export interface Sent {
  readonly wire: Write;
  readonly state: "pending" | "stored" | "landed" | "refused";
}

/** An own photo, thumbnail or PDF on its way; `field` is its register. */
export interface Carried {
  readonly field: string;
  readonly state: "waiting" | "sent" | "verified" | "refused";
}

/** `unsent`: the server holds nothing of it that waits for a decision. `resubmitted`: amended after it was returned. */
export type State =
  | "draft"
  | "unsent"
  | "waiting"
  | "counted"
  | "returned"
  | "not_counted"
  | "amended"
  | "resubmitted"
  | "deleted";
export type Delivery = "on_phone" | "received" | "verified" | "refused";

export interface View {
  readonly fields: Fields;
  readonly state: State;
  /** Undefined for a record that only others wrote: this phone knows nothing of its delivery. */
  readonly delivery: Delivery | undefined;
  /** The own files that the server has not verified. A view that an older build made does not have them. */
  readonly left?: FileCount;
  readonly marks: readonly ("conflict" | "edited_while_deleted")[];
  readonly hidden: boolean;
}

export function view(
  base: Fields,
  own: readonly Sent[],
  photos: readonly Carried[],
  decision: Decision | null,
  me: string,
): View {
  const laid = own.filter((write) => write.state !== "landed");
  const fields = lay(
    base,
    laid.map((write) => write.wire),
    me,
  );
  const marks: ("conflict" | "edited_while_deleted")[] = [];
  const gone = hidden(fields);
  if (!gone && conflicts(fields).length > 0) marks.push("conflict");
  if (editedWhileDeleted(fields)) marks.push("edited_while_deleted");
  const named = photos.filter((photo) => sides(fields, photo.field).some((said) => said !== null));
  const delivery = delivered(own, named);
  const unsent = (write: Sent) => write.state === "pending" || write.state === "refused";
  const changed = said(fields) !== said(base);
  // What of the difference the server does not hold yet.
  const edited = !changed ? "none" : laid.some((write) => !unsent(write)) ? "sent" : "unsent";
  const unknown = Object.keys(base).length === 0 && own.length > 0 && own.every(unsent);
  return {
    fields,
    state: stateOf(fields, decision, edited, unknown),
    marks,
    hidden: gone,
    delivery,
    left: countFiles(
      named.flatMap(({ field, state }) => (state === "verified" ? [] : { record: "", field })),
    ),
  };
}

/** H-1. A photo that was taken off the record, and not by one side alone, no longer holds it back. */
function delivered(own: readonly Sent[], photos: readonly Carried[]): Delivery | undefined {
  if (own.length === 0) return undefined;
  if (own.some((write) => write.state === "refused") || photos.some((photo) => photo.state === "refused"))
    return "refused";
  if (own.some((write) => write.state === "pending")) return "on_phone";
  return photos.every((photo) => photo.state === "verified") ? "verified" : "received";
}

/**
 * D-7. The server judges `amended` on what it holds; what an own write still on its way changes amends as well.
 * `unknown`: the server holds no write of this record.
 */
function stateOf(
  fields: Fields,
  decision: Decision | null,
  edited: "none" | "sent" | "unsent",
  unknown: boolean,
): State {
  const counted = decision?.verdict === "counted";
  if (hidden(fields)) return counted ? "amended" : "deleted";
  if (!(submitted(fields) || counted)) return "draft";
  if (!decision) return unknown ? "unsent" : "waiting";
  if (!decision.amended && edited === "none") return decision.verdict;
  if (decision.verdict !== "returned") return "amended";
  return decision.amended || edited === "sent" ? "resubmitted" : "unsent";
}

/** The verdict whose reason the officer is shown. A draft shows no verdict (D-7), yet one may have been returned. */
export function verdictToRead(
  { state }: Pick<View, "state">,
  decision: Decision | null,
): "returned" | "not_counted" | undefined {
  const verdict = state === "draft" ? decision?.verdict : state;
  return verdict === "returned" || verdict === "not_counted" ? verdict : undefined;
}

/** What the fields say, by whomever: null and nothing are one. */
function said(fields: Fields): string {
  const all = Object.keys(fields)
    .sort()
    .map((field) => [field, sides(fields, field).map(canonical).sort().join()]);
  return JSON.stringify(all.filter(([, held]) => held !== "null" && held !== ""));
}

// What the home screen asks about a record, by its kind: whether the airings of a day were made (until each day of the
// schedule has an answer), and whether it was taken down (from the day its time is up). A hint, never a block.

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
