// Who saves waits for the photos that are on their way, and hears of one that did not come in once, not for ever.
import { expect, test as it } from "vitest";
import { added, adding } from "./adding";

const full = new DOMException("full", "QuotaExceededError");

it("waits for all, those that come meanwhile too", async () => {
  const came: string[] = [];
  const photo = (name: string) => adding("form", Promise.resolve(true)).then(() => came.push(name));
  const first = photo("first").then(() => photo("second"));
  const well = await added("form");
  expect(came).toEqual(["first", "second"]);
  expect(well).toBe(true);
  await first;
});

it("says of those that were waited for that one did not come in", async () => {
  const refused = adding("form", Promise.reject(full));
  void adding("form", Promise.resolve(true));
  const well = added("form");
  await expect(refused).rejects.toBe(full);
  expect(await well).toBe(false);
});

it("holds one that did not come in against none that are taken after it", async () => {
  expect(await adding("form", Promise.resolve(false))).toBe(false);
  await expect(adding("form", Promise.reject(full))).rejects.toBe(full);
  expect(await added("form")).toBe(true);
  void adding("form", Promise.resolve(true));
  expect(await added("form")).toBe(true);
});
