// A server of the exchange in memory, of one stream, by the rules that a phone feels (SPEC S-1, C-2, C-4, X-1 to X-38, B-2):
// a block for each record, no echo, the results of the last push, and a restore to an earlier position.
import type { Cursor, Request, Result } from "../core/protocol";
import type { OutboxEntry, Write } from "../core/record";

const DAY_MS = 86_400_000;
export const NEW: Cursor = { unit: "u", campaign: "c", position: 0, tag: "", floor: 0 };

/** What `Request` may carry of one that an app of the field sends. */
type Question = Partial<Request>;
interface Stored {
  readonly position: number;
  readonly by: string;
  readonly wire: Write;
}

export class SyncServer {
  time = 40 * DAY_MS;
  minimum_app = 1;
  catalog = "held";
  /** Whether another phone has taken this one's place. */
  replaced = false;
  /** Whether it gives out marks, as one of today does. */
  marked = false;
  restored: number | undefined;
  /** What it does not take and why, by the id of the write; and photos that it verified. */
  readonly refuses: Record<string, string> = {};
  /** The write for which a test has a whole body refused. */
  poison = "";
  readonly verified = new Set<string>();
  /** Records of which it does not take that they are lacking (B-33). */
  readonly forgets = new Set<string>();
  /** What was named to it as missing (B-23). */
  readonly named: NonNullable<Request["known"]>[number][] = [];
  /** Of the last one given out; in the field one a minute, here one for each position (B-31). */
  #made = 0;
  #marks: string[] = [];
  #log: Stored[] = [];
  #entries: { readonly entry: OutboxEntry; readonly at: number }[] = [];
  #last: { readonly push: string; readonly results: readonly Result[] } | undefined;

  /** Ids of all that it stored, in their order. */
  get stored(): string[] {
    return this.#log.map(({ wire }) => wire.id);
  }

  /** Answers to returns and confirmed figures that it has, in their order. */
  get entries(): OutboxEntry[] {
    return this.#entries.map(({ entry }) => entry);
  }

  /** Somebody else writes. */
  take(id: string, set: Write["set"], record = id, seen: readonly string[] = []): void {
    this.#store({ id, at: 1, record, kind: "banner", unit: "u", campaign: "c", set, seen }, "Người khác");
  }

  /** An older copy takes the database's place. Announced: it says so; else only what is missing, or a mark, shows it. */
  restore(position: number, announced = true): void {
    this.#log = this.#log.slice(0, position);
    this.#marks = this.#marks.slice(0, position);
    this.#entries = this.#entries.filter(({ at }) => at < position);
    this.#last = undefined;
    if (announced) this.restored = this.time;
  }

  /** Ids of surviving writes by record and field: its state (S-1). */
  state(): Record<string, Record<string, string[]>> {
    const all = new Map<string, Record<string, string[]>>();
    for (const { wire } of this.#log) {
      const fields = all.get(wire.record) ?? {};
      for (const field of this.#surviving(wire)) fields[field] = [...(fields[field] ?? []), wire.id].sort();
      all.set(wire.record, fields);
    }
    return Object.fromEntries(all);
  }

  /** The lines of an answer. */
  answer(asked: Question): object[] {
    const { cursors = [], writes = [], photos = [], push, ask, known = [], mark } = asked;
    const results = writes.map((entry) => ("set" in entry ? this.#judge(entry) : this.#takeEntry(entry)));
    if (push) this.#last = { push, results };
    this.named.push(...known);
    const taken = known.filter(({ record }) => !this.forgets.has(record)).map(({ record }) => record);
    const lost = ask && this.#last?.push === ask ? this.#last.results : undefined;
    if (this.marked && mark && !this.#marks.includes(mark)) this.restored = this.time;
    const last = this.#marks.at(-1);
    const head = {
      ...{ results, photos: photos.map((sha256) => ({ sha256, state: this.#photo(sha256) })) },
      ...{ catalog: this.catalog, server_time: this.time, minimum_app: this.minimum_app },
      ...(ask && {
        asked: { push: ask, known: !!lost, runs: (lost ?? []).map((one) => ({ count: 1, ...one })) },
      }),
      ...(this.restored && { restored: this.restored }),
      ...(known.length > 0 && { known: taken }),
      ...(this.marked && last && last !== mark && { mark: last }),
    };
    if (this.replaced)
      return [
        { ...head, replaced: true },
        { cursors: [], more: false },
      ];
    return [
      head,
      ...this.#changes(cursors[0] ?? NEW, new Set([...results, ...(lost ?? [])].map(({ id }) => id))),
    ];
  }

  #photo(sha256: string): "verified" | "wanted" {
    return this.verified.has(sha256) ? "verified" : "wanted";
  }

  /** */
  #judge(wire: Write): Result {
    const { id, record } = wire;
    const there = this.#log.find((one) => one.wire.id === id);
    const code = this.refuses[id];
    if (there) return this.#result(there);
    if (code) return { id, result: "refused", code };
    const made = record === id || this.#log.some((one) => one.wire.id === record);
    return made ? this.#result(this.#store(wire, "Tôi")) : { id, result: "later", code: "create_missing" };
  }

  #takeEntry(entry: OutboxEntry): Result {
    const { id } = entry;
    const code = this.refuses[id];
    if (code) return { id, result: "refused", code };
    if (!this.entries.some((one) => one.id === id)) this.#entries.push({ entry, at: this.#log.length });
    const { received = this.time } = entry as { readonly received?: number };
    return { id, result: "stored", received };
  }

  #store(wire: Write, by: string): Stored {
    const stored = { position: this.#log.length + 1, by, wire };
    this.#log.push(stored);
    this.#made += 1;
    this.#marks.push(`mark ${this.#made}`);
    return stored;
  }

  #result({ position, wire }: Stored): Result {
    return { id: wire.id, result: "stored", position, number: this.#number(wire.record) };
  }

  #number(record: string): string {
    return `BR-${this.#log.findIndex(({ wire }) => wire.record === record) + 1}`;
  }

  #surviving({ id, record, set }: Write): string[] {
    const others = this.#log.filter(({ wire }) => wire.record === record && wire.id !== id);
    return Object.keys(set).filter(
      (field) => !others.some(({ wire }) => field in wire.set && wire.seen?.includes(id)),
    );
  }

  /** C-4: from zero where it does not know the cursor, which the first block says. */
  #changes(held: Cursor, own: ReadonlySet<string>): object[] {
    const known = this.#tag(held.position) === held.tag;
    const { position, floor } = known ? held : NEW;
    const last = new Map<string, number>();
    for (const one of this.#log) {
      last.delete(one.wire.record);
      last.set(one.wire.record, one.position);
    }
    const blocks = [...last].filter(([record, at]) => {
      const newer = this.#log.filter((one) => one.wire.record === record && one.position > floor);
      return at > position && newer.some(({ wire }) => !own.has(wire.id));
    });
    const end = this.#log.length;
    return [
      ...blocks.flatMap(([record, at], nth) => [
        this.#change(record, at),
        { cursors: [this.#cursor(at, floor, !known && nth === 0)] },
      ]),
      { cursors: [this.#cursor(end, end, !known && blocks.length === 0)], more: false },
    ];
  }

  #change(record: string, written: number): object {
    const writes = this.#log.filter(({ wire }) => wire.record === record);
    const listed = writes.flatMap(({ by, wire: { id, at, set, seen } }) => {
      const fields = this.#surviving({ id, at, record, set });
      const cut = Object.fromEntries(fields.map((field) => [field, set[field]]));
      return fields.length > 0 ? [{ id, at, by, set: cut, seen }] : [];
    });
    const head = { record, kind: "banner", unit: "u", campaign: "c", number: this.#number(record) };
    return { ...head, whole: true, writes: listed, decision: null, written, received: this.time };
  }

  #tag(position: number): string {
    return this.#log[position - 1]?.wire.id ?? (position === 0 ? "" : "none");
  }

  #cursor(position: number, floor: number, reset: boolean): object {
    return { ...NEW, position, floor, tag: this.#tag(position), reset, sealed: null, closed: null };
  }
}
