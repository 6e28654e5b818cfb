import { expect, test as it } from "vitest";
import { shortened, shortKeys } from "./keys.ts";

const SOURCES = `
  t("home"); t( "home" ); t(all ? "more" : "take"); t(first > 0
    ? "one"
    : "other");
  notify("home_page"); t("camera"); open("camera");
  t("status_sent"); t(\`status_\${name}\`); t("said_by"); t(\`\${state}_by\`);
`;
const KEYS = [
  "camera",
  "home",
  "home_page",
  "more",
  "one",
  "other",
  "said_by",
  "status_sent",
  "take",
  "unused",
];

it("what the code says as it stands is shortened, what it puts together or says elsewhere too is not", () => {
  expect([...shortKeys(KEYS, SOURCES).keys()]).toEqual(["home", "more", "take", "one", "other"]);
});

it("in all places of the code, and nothing else", () => {
  const code = shortened(SOURCES, shortKeys(KEYS, SOURCES));
  expect(code).toContain('t("e"); t( "e" ); t(all ? "t" : "n");');
  expect(code).toContain('notify("home_page"); t("camera"); open("camera");');
});

it("no key takes the letters of another", () => {
  const many = Array.from({ length: 600 }, (_, nth) => `key${nth}`);
  const short = shortKeys([...many, "ee"], many.map((key) => `t("${key}")`).join("; "));
  expect(new Set([...short.values(), "ee"]).size).toBe(601);
});
