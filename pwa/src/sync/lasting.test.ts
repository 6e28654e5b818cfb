import { expect, test as it } from "vitest";
import banner from "../../../sync/kinds/banner.json";
import type { Kind } from "./kind";
import { lasting } from "./lasting";

it("the next banner has the slogan, the village and the number; its place, its photo and its note are its own", () => {
  const said = {
    slogan: "khau-hieu-1",
    quantity: 2,
    put_up_on: "2021-07-30",
    hamlet: "Thôn Tạ Thượng",
    hotline: false,
  };
  const own = {
    place: { lat_e6: 1, lon_e6: 2, accuracy_m: 3 },
    note: "cổng chợ",
    "photos/0123456789abcdef": {},
  };
  expect(lasting(banner as unknown as Kind, { ...said, ...own })).toEqual(said);
});
