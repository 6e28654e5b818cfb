import { expect, test as it } from "vitest";
import banner from "../../../sync/kinds/banner.json";
import { draw, isBare, lasting, NOTHING, written } from "./draft";
import { type Kind, withAnswers } from "./kind";
import { lay } from "./record";

const created = { id: "a", at: 1, record: "a", set: { note: "x", quantity: 1, submitted: true } };

it("W-5: only the changed field is written, having seen its survivors", () => {
  const drawn = draw(lay({}, [created], ""));
  expect(written(drawn, { ...drawn.values, quantity: 2 })).toEqual({ set: { quantity: 2 }, seen: ["a"] });
});

it("nothing changed writes nothing; a value taken away is written as null", () => {
  const drawn = draw(lay({}, [created], ""));
  const { note: _, ...rest } = drawn.values;
  expect(written(drawn, drawn.values)).toBeNull();
  expect(written(drawn, rest)).toEqual({ set: { note: null }, seen: ["a"] });
});

it("S-9: saving a new record sends it", () => {
  expect(written(NOTHING, { note: "x" })).toEqual({ set: { note: "x", submitted: true }, seen: [] });
});

// S-12.
it("S-8: who edits a hidden record takes the delete back", () => {
  const deleted = { id: "b", at: 2, record: "a", set: { deleted: true }, seen: ["a"] };
  const drawn = draw(lay({}, [created, deleted], ""));
  const form = written(drawn, { ...drawn.values, note: "y" });
  expect(form).toEqual({ set: { note: "y", deleted: null }, seen: ["a", "b"] });
});

it("W-4: a correction says the refused fields again and names the refused write", () => {
  const refused = { id: "b", at: 2, record: "a", set: { note: "too long", quantity: 7 }, seen: ["a"] };
  const drawn = draw(lay({}, [created, refused], ""));
  const form = written(drawn, { ...drawn.values, note: "short" }, Object.keys(refused.set));
  expect(form).toEqual({ set: { note: "short", quantity: 7 }, seen: ["b"] });
});

it("the next banner has the slogan, the village and the number; its place, its photo and its note are its own", () => {
  const said = {
    slogan: "khau-hieu-1",
    quantity: 2,
    put_up_on: "2021-07-30",
    hamlet: "Thôn Tạ Thượng",
  };
  const own = {
    hotline: false,
    hotline_by: "person",
    place: { lat_e6: 1, lon_e6: 2, accuracy_m: 3 },
    note: "cổng chợ",
    "photos/0123456789abcdef": {},
  };
  expect(lasting(banner as unknown as Kind, { ...said, ...own })).toEqual(said);
});

// F-25.
it("111 is said by somebody each time: a person's answer and an old default are not kept, a file gives its own anew", () => {
  const kind = banner as unknown as Kind;
  const files = [{ id: "mau-1", title: "Mẫu 1", hotline: true }];
  for (const by of ["person", "file", null]) {
    const kept = lasting(kind, { slogan: "s", design: "mau-1", hotline: false, hotline_by: by });
    expect(kept).toEqual({ slogan: "s", design: "mau-1" });
    expect(withAnswers(kind, kept, files)).toEqual({ ...kept, hotline: true, hotline_by: "file" });
    expect(withAnswers(kind, kept, [])).toEqual(kept);
  }
});

it("a form that holds a photo or a PDF, or stands for a record, is not let go for several photos", () => {
  const form = { id: "a", record: "a", now: { note: "x", "documents/0123456789abcdef": null } };
  expect(isBare(form)).toBe(true);
  for (const field of ["photos/0123456789abcdef", "documents/0123456789abcdef"])
    expect(isBare({ ...form, now: { [field]: { sha256: "0" } } })).toBe(false);
  expect([isBare({ ...form, record: "b" }), isBare({ ...form, replaces: "b" })]).toEqual([false, false]);
});
