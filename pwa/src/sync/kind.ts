// A kind of record as the catalogue brings it (sync/kinds/*.json): forms, lists and figures are read off it.
import type { Value } from "./write";

export type Label = Readonly<Record<string, string>>;

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly label: Label;
  readonly unit?: Label;
  readonly required?: boolean;
  readonly default?: Value;
  readonly min?: number;
  readonly max?: number;
  readonly max_length?: number;
  readonly multiline?: boolean;
  /** Shown behind "Thêm". */
  readonly more?: boolean;
  /** Which list of the unit, or of this phone's memory, is offered while typing. */
  readonly suggest?: string;
  readonly choices?: readonly { readonly value: string; readonly label: Label }[];
  readonly retired?: boolean;
  /** Which of the campaign's files a `file` is one of; and the text that its title fills in. */
  readonly files?: string;
  readonly fills?: string;
}

export interface Figure {
  readonly code: string;
  readonly label: Label;
  readonly unit: Label;
  readonly product: readonly string[];
  readonly where?: Readonly<Record<string, Value>>;
}

export interface Kind {
  readonly kind: string;
  readonly prefix: string;
  readonly order: number;
  readonly label: Label;
  /** The field that names a record in a list. */
  readonly title: string;
  readonly fields: readonly Field[];
  readonly photos: { readonly required: boolean; readonly max: number };
  readonly figures: readonly Figure[];
  /** Made by a tap of its own (a nil report): no button, in no list. */
  readonly act?: boolean;
  /** What is put up stands from one day to another, as a rule no longer than `days`. */
  readonly life?: { readonly from: string; readonly to: string; readonly days: number };
  /** Where `when` holds, each day of the schedule is confirmed in a register `register/20210721` of its own. */
  readonly confirm?: { readonly schedule: string; readonly when: string; readonly register: string };
}
