// The unit's plan against what is done, figure by figure, as this phone knows it.
import { type Answer, answer } from "./figures";
import { type Fields, says } from "./record";
import { isReported, type Shares, type Sum, sharesIn } from "./sums";

/** Of the campaign, for each commune. */
export interface Expected {
  readonly figure: string;
  /** Rounded to a whole number: app 3 knows no other. */
  readonly amount: number;
  /** Of a figure with a scale (SPEC F-17). */
  readonly digits?: number;
}

export interface Planned {
  readonly figure: string;
  /** At the figure's scale, as what is done. */
  readonly amount: number;
  /** D-5: only what is counted is done. */
  readonly done: Shares;
  /** "Không phát sinh" was said by somebody of the unit: an act, taken back by one. */
  readonly nil: boolean;
  /** What is known of it (F-34); a record that is still on this phone alone reports, too. */
  readonly answer: Answer;
}

export function nilRegister(figure: string): string {
  return `nil/${figure}`;
}

/** Where one said it and another took it back, it is said. */
export function saysNil(fields: Fields, figure: string): boolean {
  return says(fields, nilRegister(figure));
}

/** `acts` are the records that acts are kept in; two phones may have made one each. */
export function planned(expected: readonly Expected[], sum: Sum, acts: readonly Fields[]): Planned[] {
  return expected.map(({ figure, amount, digits = amount }) => {
    const done = sharesIn(sum, figure);
    const nil = acts.some((fields) => saysNil(fields, figure));
    const empty = !(done.done || done.unsent);
    const said = answer({ reported: isReported(sum, figure), nil: Number(nil), units: 1, empty });
    return { figure, amount: digits, done, nil, answer: said };
  });
}
