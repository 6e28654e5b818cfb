// The unit's plan against what is done, figure by figure, as this phone knows it.
import { type Answer, answer } from "./figures";
import { type Fields, says } from "./record";
import { amountOf, isReported, type Share, type Sum } from "./sums";

/** Of the campaign, for each commune. */
export interface Expected {
  readonly figure: string;
  readonly amount: number;
}

export interface Planned extends Expected {
  /** D-5: only what is counted is done. */
  readonly done: Readonly<Record<Share, number>>;
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
  return expected.map(({ figure, amount }) => {
    const done = amountOf(sum, figure);
    const nil = acts.some((fields) => saysNil(fields, figure));
    const empty = !(done.counted || done.waiting || done.unsent);
    const said = answer({ reported: isReported(sum, figure), nil: Number(nil), units: 1, empty });
    return { figure, amount, done, nil, answer: said };
  });
}
