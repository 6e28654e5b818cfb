// The laws of a record, for any history: order-free, idempotent, nothing lost, and what a phone lays over its pulled
// base is what the server will say once it has those writes too.
import fc from "fast-check";
import { expect, test as it } from "vitest";
import { draw, written } from "./draft";
import { conflicts, type Fields, hidden, lay, type Value, value, type Write } from "./record";
import { erase, restore, settle } from "./settle";

const NAMES = ["note", "quantity", "deleted"];

/** A history: each write has seen any of the writes made before it, as people on several phones do. */
const history: fc.Arbitrary<Write[]> = fc
  .array(
    fc.record({
      at: fc.integer({ min: 0, max: 5 }),
      fields: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }),
      said: fc.integer({ min: 0, max: 2 }),
      seen: fc.array(fc.nat(20), { maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((rows) =>
    rows.map(({ at, fields, said, seen }, index) => ({
      id: `w${String(index).padStart(2, "0")}`,
      at,
      record: "w00",
      set: Object.fromEntries(fields.map((name) => [name, held(name, said)])),
      seen: seen.filter((one) => one < index).map((one) => `w${String(one).padStart(2, "0")}`),
    })),
  );

function held(name: string, said: number): Value {
  return name === "deleted" ? said > 0 || null : said;
}

const state = (writes: readonly Write[]): Fields => lay({}, writes, "me");

it("S-1: any order of arrival and any repeats say the same", () => {
  const shuffled = history.chain((writes) =>
    fc.tuple(
      fc.constant(writes),
      fc.shuffledSubarray(writes, { minLength: writes.length }),
      fc.subarray(writes),
    ),
  );
  fc.assert(
    fc.property(shuffled, ([writes, other, again]) => {
      expect(state(other)).toEqual(state(writes));
      const once = [...new Map([...other, ...again].map((write) => [write.id, write])).values()];
      expect(state(once)).toEqual(state(writes));
      expect(lay(state(writes), again, "me")).toEqual(lay(state(writes), again.toReversed(), "me"));
    }),
  );
});

it("G3: every value is a survivor, or a write that named it replaced it", () => {
  fc.assert(
    fc.property(history, (writes) => {
      const fields = state(writes);
      for (const write of writes) {
        for (const name of Object.keys(write.set)) {
          const alive = fields[name]?.some((side) => side.id === write.id);
          const replaced = writes.some((other) => name in other.set && other.seen?.includes(write.id));
          expect(alive !== replaced).toBe(true);
        }
      }
    }),
  );
});

it("X-10: own writes laid over what was pulled are what the server says with them", () => {
  const split = history.chain((writes) => fc.tuple(fc.constant(writes), fc.nat(writes.length)));
  fc.assert(
    fc.property(split, ([writes, at]) => {
      // What was pulled has seen none of the own writes, which are still on this phone.
      const [pulled, own] = [writes.slice(0, at), writes.slice(at)];
      expect(lay(state(pulled), own, "me")).toEqual(state(writes));
    }),
  );
});

it("S-5: settling ends the conflict, and only what was on the screen", () => {
  fc.assert(
    fc.property(history, (writes) => {
      const drawn = state(writes);
      for (const field of conflicts(drawn)) {
        const pick = drawn[field]?.[0]?.value ?? null;
        const act = { id: "zz", at: 9, record: "w00", ...settle(drawn, { [field]: pick }) };
        expect(value(state([...writes, act]), field)).toEqual(pick);
        const late = { id: "zy", at: 9, record: "w00", set: { [field]: "late" } };
        expect(conflicts(state([...writes, late, act]))).toContain(field);
      }
    }),
  );
});

it("S-7, S-8: a delete hides what it saw, a restore shows it, a later edit is never hidden", () => {
  fc.assert(
    fc.property(history, (writes) => {
      const drawn = state(writes);
      const deleted = [...writes, { id: "za", at: 9, record: "w00", ...erase(drawn) }];
      expect(hidden(state(deleted))).toBe(true);
      expect(
        hidden(state([...deleted, { id: "zb", at: 9, record: "w00", ...restore(state(deleted)) }])),
      ).toBe(false);
      const unseen = { id: "zc", at: 0, record: "w00", set: { note: "edited elsewhere" } };
      expect(hidden(state([...deleted, unseen]))).toBe(false);
    }),
  );
});

it("W-6: a form saved over what came meanwhile leaves that standing", () => {
  fc.assert(
    fc.property(history, fc.string(), (writes, theirs) => {
      const drawn = draw(state(writes));
      const form = written(drawn, { ...drawn.values, note: "mine" });
      const arrived = { id: "zn", at: 1, record: "w00", set: { note: `their ${theirs}` } };
      const fields = state([
        ...writes,
        arrived,
        { id: "zz", at: 2, record: "w00", ...form, set: form?.set ?? {} },
      ]);
      expect(fields["note"]?.map((side) => side.id)).toContain("zn");
    }),
  );
});
