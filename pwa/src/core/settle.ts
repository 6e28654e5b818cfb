// Acts of one tap: settle a conflict, set a value (aired, taken down, nothing to report), delete, undo a delete.
// Each is an ordinary write. Its `seen` is what was on the screen when the button was drawn (SPEC S-5, W-6), so that it
// overrules nothing that arrives later.
import type { Written } from "./draft";
import { type Fields, hidden, seenOf, type Values } from "./record";

/** S-5, and S-8 where the record was deleted meanwhile. */
export function settle(drawn: Fields, values: Values): Written {
  const set = hidden(drawn) ? { ...values, deleted: null } : values;
  return { set, seen: seenOf(drawn, Object.keys(set)) };
}

/** A delete has seen every survivor of every field (W-6). */
export function erase(drawn: Fields): Written {
  return { set: { deleted: true }, seen: seenOf(drawn) };
}

/** Undo of a delete, and "keep it" where one deleted and another edited (S-8). */
export function restore(drawn: Fields): Written {
  return { set: { deleted: null }, seen: seenOf(drawn, ["deleted"]) };
}
