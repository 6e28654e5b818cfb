// What happened to a record, the latest first: as the server sent it (SPEC X-66), with what is only on this phone above it; where it
// never came, as much as this phone knows.
import { canonical, type Fields, type Value, type Values, type Write } from "./record";
import type { Decision, Message } from "./view";

/** One line as the server tells it: a write (`set`), a decision (`verdict`), an answer to one (`reply`) or a message. */
export interface HistoryLine {
  readonly id: string;
  readonly position: number;
  readonly by: string;
  readonly at: number;
  readonly desk: boolean;
  readonly set: Values;
  readonly replaced: Readonly<Record<string, readonly Value[]>>;
  readonly verdict: string;
  readonly reason: string;
  readonly fields: readonly string[];
  /** An earlier decision stated again after an undo (SPEC D-14). */
  readonly again: boolean;
  readonly reply: string;
  /** Not from an older server (D-15). */
  readonly message?: string;
  /** The server does not have it. */
  readonly unsent?: boolean;
}

export interface HistoryPage {
  readonly lines: readonly HistoryLine[];
  /** There are older ones. */
  readonly more: boolean;
}

/** An own write, as far as it got. */
interface OwnWrite {
  readonly state: "pending" | "stored" | "landed" | "refused";
  readonly position?: number | undefined;
  readonly wire: Write;
}

interface Known {
  readonly fields: Fields;
  readonly decision: Decision | null;
  readonly messages?: readonly Message[] | undefined;
  readonly own: readonly OwnWrite[];
  /** How own writes are signed. */
  readonly me: string;
}

const NOTHING = {
  ...{ position: 0, desk: false, set: {}, replaced: {}, verdict: "", reason: "", fields: [] },
  ...{ again: false, reply: "" },
};

export function historyOf(known: Known, page?: HistoryPage): HistoryLine[] {
  const all = knownLines(known);
  if (!page) return all;
  const newest = page.lines[0]?.position ?? 0;
  const has = new Set(page.lines.map(({ id }) => id));
  return [
    ...all.filter((line) => !has.has(line.id) && (line.unsent || line.position > newest)),
    ...page.lines,
  ];
}

/** What another took the place of is not known here, but of writes that this phone has. */
function knownLines({ fields, decision, messages = [], own, me }: Known): HistoryLine[] {
  const lines = new Map<string, HistoryLine>();
  for (const [field, sides] of Object.entries(fields))
    for (const { id, at, by, value } of sides) {
      const line = lines.get(id) ?? { ...NOTHING, id, at, by };
      lines.set(id, { ...line, set: { ...line.set, [field]: value } });
    }
  for (const { wire, state, position = 0 } of own) {
    const { id, at, set } = wire;
    const unsent = state === "pending" || state === "refused";
    lines.set(id, { ...NOTHING, id, at, by: me, position, set, unsent });
  }
  for (const { wire } of own) {
    const line = lines.get(wire.id);
    if (line) lines.set(wire.id, { ...line, replaced: replacedBy(wire, lines) });
  }
  if (decision) {
    const { id, at, by, verdict, reason, fields: marked, reply } = decision;
    lines.set(id, { ...NOTHING, id, at, by, desk: true, verdict, reason, fields: marked });
    if (reply)
      lines.set(reply.id, { ...NOTHING, id: reply.id, at: reply.at, by: reply.by, reply: reply.text });
  }
  for (const { id, at, by, text } of messages) lines.set(id, { ...NOTHING, id, at, by, message: text });
  return [...lines.values()].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
}

function replacedBy(
  { seen = [], set }: Write,
  lines: ReadonlyMap<string, HistoryLine>,
): Readonly<Record<string, readonly Value[]>> {
  const found: Record<string, readonly Value[]> = {};
  for (const [field, value] of Object.entries(set)) {
    const before: Value[] = [];
    for (const id of seen) {
      const held = lines.get(id)?.set[field];
      if (held !== undefined) before.push(held);
    }
    const last = before.at(-1);
    if (last !== undefined && canonical(last) !== canonical(value)) found[field] = [last];
  }
  return found;
}
