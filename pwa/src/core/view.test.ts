import { expect, test as it } from "vitest";
import { type Carried, type Sent, verdictToRead, view } from "./view";

const set = { note: "x", submitted: true, "photos/0": { sha256: "0" } };
const create = (state: Sent["state"]): Sent => ({ state, wire: { id: "a", at: 1, record: "a", set } });
const photo = (state: Carried["state"]): Carried => ({ field: "photos/0", state });

it("H-1: on this phone, received, verified, each only when it is so", () => {
  const delivery = (write: Sent["state"], ...photos: Carried["state"][]) =>
    view({}, [create(write)], photos.map(photo), null, "me").delivery;
  expect(delivery("pending", "waiting")).toBe("on_phone");
  expect(delivery("stored", "verified", "waiting")).toBe("received");
  expect(delivery("stored", "verified", "sent")).toBe("received");
  expect(delivery("stored", "verified", "verified")).toBe("verified");
  expect(delivery("refused", "waiting")).toBe("refused");
  expect(delivery("stored", "refused")).toBe("refused");
});

it("a photo taken off the record does not hold it back; others' records are not vouched for", () => {
  const removed: Sent = {
    state: "stored",
    wire: { id: "b", at: 2, record: "a", set: { "photos/0": null }, seen: ["a"] },
  };
  expect(view({}, [create("stored"), removed], [photo("waiting")], null, "me").delivery).toBe("verified");
  expect(view({}, [], [], null, "me").delivery).toBeUndefined();
});

it("H-1: a photo of which two sides say different things is still on the record, and holds it back", () => {
  const again = { ...set, "photos/0": { sha256: "0", taken_at: 2 } };
  const other: Sent = { state: "stored", wire: { id: "b", at: 2, record: "a", set: again } };
  const delivery = (state: Carried["state"], ...own: Sent[]) =>
    view({}, own, [photo(state)], null, "me").delivery;
  expect(delivery("waiting", create("stored"), other)).toBe("received");
  expect(delivery("verified", create("stored"), other)).toBe("verified");
  const removed: Sent = { ...other, wire: { ...other.wire, set: { "photos/0": null } } };
  expect(delivery("waiting", create("stored"), removed)).toBe("received");
});

const decision = {
  id: "d",
  verdict: "returned",
  reason: "?",
  fields: [],
  by: "",
  at: 1,
  amended: false,
} as const;

const sent = {
  note: [{ id: "a", at: 1, by: "", value: "x" }],
  submitted: [{ id: "a", at: 1, by: "", value: true }],
};

// D-10.
it("D-7: a record of which the server holds nothing waits for no review", () => {
  const state = (...own: Sent[]) => view({}, own, [], null, "me").state;
  const edit: Sent = { state: "pending", wire: { id: "b", at: 2, record: "a", set: { note: "y" } } };
  expect(state(create("pending"))).toBe("unsent");
  expect(state(create("refused"))).toBe("unsent");
  expect(state(create("stored"))).toBe("waiting");
  expect(state(create("stored"), edit)).toBe("waiting");
  const base = { submitted: [{ id: "a", at: 1, by: "", value: true }] };
  expect(view(base, [edit], [], null, "me").state).toBe("waiting");
  expect(view(base, [], [], null, "me").state).toBe("waiting");
});

// D-10.
it("D-7: what was amended after a return is resubmitted, after another decision amended", () => {
  const base = sent;
  const state = (verdict: "counted" | "returned" | "not_counted") =>
    view(base, [], [], { ...decision, verdict, amended: true }, "me").state;
  expect(state("returned")).toBe("resubmitted");
  expect(state("counted")).toBe("amended");
  expect(state("not_counted")).toBe("amended");
});

// D-9, D-10.
it("D-7: an own correction of a returned record is unsent, and resubmitted before the server says so", () => {
  const base = sent;
  const edit: Sent = {
    state: "pending",
    wire: { id: "b", at: 2, record: "a", set: { note: "y" }, seen: ["a"] },
  };
  expect(view(base, [], [], decision, "me").state).toBe("returned");
  expect(view(base, [edit], [], decision, "me").state).toBe("unsent");
  expect(view(base, [{ ...edit, state: "stored" }], [], decision, "me").state).toBe("resubmitted");
  expect(view(base, [edit], [], { ...decision, amended: true }, "me").state).toBe("resubmitted");
  const same = { ...edit, wire: { ...edit.wire, set: { note: "x" } } };
  expect(view(base, [same], [], decision, "me").state).toBe("returned");
  expect(view(base, [{ ...edit, state: "landed" }], [], decision, "me").state).toBe("returned");
});

// D-12.
it("D-7: the reason for which a draft was returned is shown until it is submitted", () => {
  const base = { note: [{ id: "a", at: 1, by: "", value: "x" }] };
  const submits: Sent = { state: "pending", wire: { id: "b", at: 2, record: "a", set: { submitted: true } } };
  const [draft, unsent] = [view(base, [], [], decision, "me"), view(base, [submits], [], decision, "me")];
  expect([draft.state, unsent.state]).toEqual(["draft", "unsent"]);
  expect([verdictToRead(draft, decision), verdictToRead(unsent, decision)]).toEqual(["returned", undefined]);
  expect(verdictToRead(draft, null)).toBeUndefined();
});

it("S-7: of a record that was deleted by who had seen both sides, nobody is asked to settle anything", () => {
  const side = (id: string, value: string) => ({ id, at: 1, by: "", value });
  const gone = { id: "c", at: 2, by: "", value: true, seen: ["a", "b"] };
  const both = { note: [side("a", "x"), side("b", "y")] };
  expect(view(both, [], [], null, "me").marks).toEqual(["conflict"]);
  expect(view({ ...both, deleted: [gone] }, [], [], null, "me").marks).toEqual([]);
  const blind = { ...gone, seen: ["a"] };
  expect(view({ ...both, deleted: [blind] }, [], [], null, "me").marks).toContain("edited_while_deleted");
});
