// A write: the only thing a phone ever adds (SPEC W-1 to W-9). It never changes once made (W-4).
export type Scalar = string | number | boolean | null;
export type Value = Scalar | { readonly [part: string]: Scalar };
export type Values = Readonly<Record<string, Value>>;

/** As it travels. `at` orders the sides of a conflict for display and nothing else (W-3). */
export interface Write {
  readonly id: string;
  readonly at: number;
  readonly record: string;
  readonly set: Values;
  readonly seen?: readonly string[];
  /** Only on the write that creates the record, whose id is the record's (W-2). */
  readonly kind?: string;
  readonly unit?: string;
  readonly campaign?: string;
}

/** What else an outbox holds (SPEC X-62): an answer to a return, or figures that were confirmed. */
export interface ReplyEntry {
  readonly id: string;
  readonly reply: {
    readonly record: string;
    readonly decision: string;
    readonly text: string;
    readonly at: number;
  };
}
export interface SealEntry {
  readonly id: string;
  readonly seal: {
    readonly unit: string;
    readonly campaign: string;
    readonly shown: Readonly<Record<string, number>>;
    readonly empty: boolean;
  };
}
export type OutboxEntry = Write | ReplyEntry | SealEntry;

/** A part of a value that has parts. */
export function part(value: Value | undefined, name: string): Value {
  return typeof value === "object" ? (value?.[name] ?? null) : null;
}

/** One text for equal values, whatever the order of an object's parts. true and 1 are two values. */
export function canonical(value: Value): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return JSON.stringify(Object.entries(value).sort());
}

export function equal(a: Value | undefined, b: Value | undefined): boolean {
  return canonical(a ?? null) === canonical(b ?? null);
}

/** A write as the server lists it in a change (SPEC X-8). */
export interface ListedWrite {
  readonly id: string;
  readonly at: number;
  readonly by: string;
  readonly set: Readonly<Record<string, Value>>;
  readonly seen?: readonly string[];
}
