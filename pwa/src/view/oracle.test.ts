// @vitest-environment happy-dom
// Preact is the oracle: for any trees, shown one after the other, with any changes of state between them, it and this
// view make the same page out of the same kept nodes, and run the same effects in the same order.
import fc from "fast-check";
import { expect, test as it } from "vitest";
import { type Plan, plan } from "./plans.testing";
import { mine, preact, type Stage } from "./stage.testing";

type Step =
  /** Another tree, after an officer typed something and ticked a box. */
  | { readonly do: "show"; readonly plan: Plan; readonly typed: string | null }
  /** The state of some of the components, all in one moment. */
  | { readonly do: "set"; readonly parts: readonly number[]; readonly to: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("show" as const),
    plan,
    typed: fc.constantFrom(null, "", "a", "ab"),
  }),
  fc.record({
    do: fc.constant("set" as const),
    parts: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
    to: fc.nat(5),
  }),
);

async function run(stage: Stage, steps: readonly Step[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  for (const one of steps) {
    if (one.do === "set") await stage.set(one.parts, one.to);
    else {
      if (one.typed !== null) stage.type(one.typed);
      await stage.show(one.plan);
    }
    stage.click();
    // Of parts that change in one moment preact may draw a child within its parent: each part's own order is the law.
    const log = stage.log();
    seen.push(stage.page(), one.do === "set" ? log.sort((a, b) => parseInt(a, 10) - parseInt(b, 10)) : log);
  }
  await stage.leave();
  return [...seen, stage.page(), stage.log()];
}

const played = (view: () => Stage, steps: readonly Step[]) => run(view(), steps);

it("makes the page that preact makes, and runs its effects as preact runs them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
      expect(await played(mine, steps)).toEqual(await played(preact, steps));
    }),
    { numRuns: 200 },
  );
}, 60_000);
