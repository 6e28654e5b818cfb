// What every input of a form is given. An input shows a value and tells a new one; it keeps nothing of its own.

import type { Field } from "../../core/kind";
import type { Scalar, Value } from "../../core/write";
import type { Campaign } from "../../db/catalog";

export interface FieldProps {
  readonly field: Field;
  readonly id: string;
  readonly value: Value;
  readonly set: (value: Value) => void;
  /** Texts offered while typing, or slogans used before, last first. */
  readonly recent: readonly string[];
  /** Of the record: whose slogans and files are offered. */
  readonly campaign: Campaign | undefined;
  /** What a screen reader is told of it: required, in doubt, and where that is said. */
  readonly aria: Aria;
  /** The shutter was pressed before there was a fix: take the first that comes. */
  readonly seeking: boolean;
}

export interface Aria {
  readonly "aria-required"?: boolean | undefined;
  readonly "aria-invalid"?: boolean | undefined;
  readonly "aria-describedby"?: string | undefined;
}

/** A value of several parts with one set, or taken away by null; without a part left there is none. */
export function withPart(value: Value, name: string, to: Value): Value {
  const { [name]: _, ...others } = value !== null && typeof value === "object" ? value : {};
  const next = to === null ? others : { ...others, [name]: to as Scalar };
  return Object.keys(next).length > 0 ? next : null;
}

/** An empty input is no value. */
export function typed(event: { readonly currentTarget: { readonly value: string } }): string | null {
  return event.currentTarget.value || null;
}

/** Whole numbers only: what is no digit does not stay in the input. */
export function typedInteger({
  currentTarget,
}: {
  readonly currentTarget: { value: string };
}): number | null {
  const digits = currentTarget.value.replace(/\D/g, "");
  if (digits !== currentTarget.value) currentTarget.value = digits;
  return digits === "" ? null : Number(digits);
}
