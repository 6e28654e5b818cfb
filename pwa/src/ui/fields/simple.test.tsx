// @vitest-environment happy-dom
// Without the catalogue a sentence is its key. What is typed into a number's field is understood, or stays and is explained (SPEC F-18).
import { render } from "preact";
import { useState } from "preact/hooks";
import { act } from "preact/test-utils";
import { afterEach, expect, test as it } from "vitest";
import type { Field } from "../../core/kind";
import type { Value } from "../../core/record";
import { FieldInput } from ".";
import { unreadIn } from "./field";

const METRES = { vi: "mét", en: "metres" };
const QUANTITY: Field = { name: "quantity", type: "integer", label: { vi: "Số lượng" }, min: 1, max: 50 };
const LENGTH: Field = {
  ...{ name: "length_cm", type: "integer", label: { vi: "Tổng chiều dài" }, unit: { vi: "cm" } },
  measure: { scale: 2, unit: METRES },
};

afterEach(() => render(null, document.body));

/** A form of one field: what it holds, and how to type into it. */
function drawn(field: Field, initial: Value = null) {
  const main = document.body;
  const held = { value: initial };
  function Form({ lacking }: { readonly lacking: boolean }) {
    const [value, set] = useState(initial);
    held.value = value;
    const props = { field, value, set, lacking, id: "f", recent: [], campaign: undefined };
    return <FieldInput {...props} marked={false} note="" seeking={false} />;
  }
  const draw = (lacking = false) => act(() => render(<Form lacking={lacking} />, main));
  void draw();
  const input = main.querySelector("input") as HTMLInputElement;
  const type = (text: string) => {
    void act(() => {
      input.dispatchEvent(new Event("focus"));
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    void act(() => void input.dispatchEvent(new Event("blur")));
    return [held.value, input.value, main.querySelector(".unread")?.textContent ?? ""];
  };
  return { type, input, draw, main };
}

it("F-18: a whole number is never another one than what was typed", () => {
  const { type } = drawn(QUANTITY);
  expect(type("12")).toEqual([12, "12", ""]);
  expect(type("1.200")).toEqual([1200, "1.200", ""]);
  expect(type("12,5")).toEqual(["12,5", "12,5", "unread_decimals"]);
  expect(type("2.5")[0]).toBe("2.5");
  expect(type("-3")).toEqual(["-3", "-3", "unread_negative"]);
  expect(type("abc")).toEqual(["abc", "abc", "unread_number"]);
  expect(type("1,200")[2]).toBe("unread_two_readings");
  expect(type("12345678901")[0]).toBe(12345678901);
  expect(type("")).toEqual([null, "", ""]);
});

it("F-17: a field that measures takes decimals, with a comma or a point", () => {
  const { type, main } = drawn(LENGTH, 1250);
  expect((main.querySelector("input") as HTMLInputElement).value).toBe("12,5");
  expect(main.textContent).toContain("mét");
  expect(type("2,5")).toEqual([250, "2,5", ""]);
  expect(type("12.25")).toEqual([1225, "12.25", ""]);
  expect(type("12,505")[2]).toBe("unread_two_readings");
  expect(type("0,005")[2]).toBe("unread_too_fine");
});

it("F-18: a draft that is opened again says it, and saving names it at the field", () => {
  const { input, draw, main } = drawn(QUANTITY, "abc");
  expect(input.value).toBe("abc");
  expect(main.querySelector(".unread")?.textContent).toBe("unread_number");
  void draw(true);
  expect(main.querySelector(".mark")?.textContent).toBe("unread_number");
  expect(main.querySelector(".unread")).toBeNull();
});

it("F-25: a yes or no with three answers begins with none, and each may be given and taken back", () => {
  const field: Field = {
    ...{ name: "hotline", type: "boolean", label: { vi: "Có in đường dây nóng 111" } },
    said_by: "hotline_by",
  };
  const { main } = drawn(field);
  const group = main.querySelector("fieldset");
  expect(group?.querySelector("legend")?.textContent).toContain("111");
  const radios = [...main.querySelectorAll<HTMLInputElement>("input[type=radio]")];
  expect(main.textContent).toMatch(/yes.*no.*unsaid/);
  const state = () => radios.map(({ checked }) => checked);
  expect(state()).toEqual([false, false, true]);
  for (const at of [0, 1, 2]) {
    void act(() => radios[at]?.click());
    expect(state()).toEqual([0, 1, 2].map((one) => one === at));
  }
});

it("V-6: a day is typed and shown as an office writes it, and what is no day stays and is explained", () => {
  const { type, input } = drawn(
    { name: "put_up_on", type: "date", label: { vi: "Ngày treo" } },
    "2021-08-05",
  );
  expect([input.type, input.inputMode, input.value]).toEqual(["text", "numeric", "05/08/2021"]);
  expect(type("30/7/21")).toEqual(["2021-07-30", "30/07/2021", ""]);
  expect(type("31/02/2021")).toEqual(["31/02/2021", "31/02/2021", "unread_day"]);
  expect(type("")).toEqual([null, "", ""]);
});

it("V-6: a schedule with a day that is not understood is not saved", () => {
  const field: Field = { name: "schedule", type: "schedule", label: { vi: "Lịch phát" } };
  expect(unreadIn(field, { from: "2021-07-21", to: "31/02/2021", times_a_day: 2 })).toBe("unread_day");
  expect(unreadIn(field, { from: "2021-07-21", to: "2021-07-30", times_a_day: 2 })).toBe("");
});

it("V-6, F-18: why an input is not understood is tied to it, for those who do not see both", () => {
  for (const [field, text] of [
    [QUANTITY, "abc"],
    [{ name: "put_up_on", type: "date", label: { vi: "Ngày treo" } } as Field, "31/02/2021"],
  ] as const) {
    const { type, input, main } = drawn(field);
    type(text);
    const why = main.querySelector(".unread");
    expect(why?.getAttribute("role")).toBe("status");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(input.getAttribute("aria-describedby")?.split(" ")).toContain(why?.id);
    type("");
    expect(input.getAttribute("aria-invalid")).toBeNull();
    render(null, document.body);
  }
});
