// One line of a reviewer's reason begins with what is asked for.
import { expect, test as it } from "vitest";
import { gist } from "./text";

it.each([
  ["Kính gửi đồng chí Lan, ảnh bị nhòe, đề nghị chụp lại.", "Ảnh bị nhòe, đề nghị chụp lại."],
  ["Chào chị! Ghi rõ treo ở thôn nào.", "Ghi rõ treo ở thôn nào."],
  ["Đề nghị đơn vị bổ sung: ảnh chụp ban ngày", "Ảnh chụp ban ngày"],
  ["Ảnh bị nhòe.", "Ảnh bị nhòe."],
  ["Đề nghị chụp lại.", "Đề nghị chụp lại."],
])("the gist of %s", (said, gist_) => {
  expect(gist(said)).toBe(gist_);
});

it("of what is a greeting and nothing else, that", () => {
  expect(gist("Kính gửi đồng chí,")).toBe("Kính gửi đồng chí,");
});
