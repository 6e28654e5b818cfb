import fc from "fast-check";
import { expect, test as it } from "vitest";
import { sendHalving } from "./halve";

class Poison extends Error {}
const poisoned = (error: unknown) => error instanceof Poison;

//
it("X-24, G6: all but the poison arrive, and the poison is set aside, wherever it sits", async () => {
  const rows = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(rows, async (bad) => {
      const items = bad.map((poison, at) => ({ poison, at }));
      const arrived = new Set<number>();
      const aside: number[] = [];
      await sendHalving(
        items,
        (batch) => {
          if (batch.some((item) => item.poison)) return Promise.reject(new Poison("400"));
          for (const item of batch) arrived.add(item.at);
          return Promise.resolve();
        },
        poisoned,
        (item) => Promise.resolve(void aside.push(item.at)),
      );
      expect([...arrived]).toEqual(items.filter((item) => !item.poison).map((item) => item.at));
      expect(aside).toEqual(items.filter((item) => item.poison).map((item) => item.at));
    }),
  );
});

it("a server that is ill sets nothing aside", async () => {
  const sick = () => Promise.reject(new Poison("503"));
  const aside = () => Promise.reject(new Error("set aside"));
  await expect(sendHalving([1, 2, 3], sick, poisoned, aside)).rejects.toThrow("503");
});

it("a failure once is only that", async () => {
  const sent: number[][] = [];
  const flaky = (items: readonly number[]) =>
    sent.push([...items]) === 1 ? Promise.reject(new Poison("500")) : Promise.resolve();
  await sendHalving([1, 2], flaky, poisoned, () => Promise.reject(new Error("set aside")));
  expect(sent).toEqual([[1, 2], [], [1, 2]]);
});
