// What a form is asked about before it is saved, beside what this phone holds (SPEC F-27, F-28).
import { readFileSync } from "node:fs";
import { afterEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import type { Kind } from "../core/kind";
import type { Values } from "../core/record";
import type { Campaign } from "../db/catalog";
import { CATALOG, ownWrite, phone } from "../db/phone.testing";
import type { DraftRow } from "../db/schema";
import { hearTime } from "../platform/clock";
import { checked, checkedAlone } from "./checking";

const KINDS = new URL("../../../sync/kinds/", import.meta.url);
const kindOf = (name: string): Kind => JSON.parse(readFileSync(new URL(`${name}.json`, KINDS), "utf-8"));
const [BANNER, LEAFLET, BROADCAST] = ["banner", "leaflet", "broadcast"].map(kindOf) as [Kind, Kind, Kind];
const CAMPAIGN = { starts_on: "2021-07-01", ends_on: "2021-07-31" } as Campaign;
const HERE = { lat_e6: 20_731_200, lon_e6: 106_051_400, accuracy_m: 12 };
const TODAY = "2021-07-10";
const HASH = "a".repeat(64);
const PHOTO = { sha256: HASH, taken_at: Date.parse("2021-07-10T08:00:00+07:00") };

afterEach(() => {
  vi.useRealTimers();
});

function draftOf(kind: Kind, now: Values): DraftRow {
  return {
    id: "d",
    record: "d",
    kind: kind.kind,
    unit: "u",
    campaign: "c",
    drawn: NOTHING,
    now,
    corrects: [],
  };
}

/** The checks that are open for a form with these values, on a phone that holds these records of its unit. */
async function open(kind: Kind, now: Values, held: Parameters<typeof phone>[0] = {}): Promise<string[]> {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date(`${TODAY}T09:00:00+07:00`) });
  const db = await phone({ meta: { catalog: CATALOG }, ...held });
  const found = await checked(db, kind, draftOf(kind, now), now, CAMPAIGN, CATALOG.officer.name);
  return found.open.map(({ check }) => check.id);
}

const banner = {
  slogan: "s1",
  quantity: 1,
  put_up_on: TODAY,
  hotline: true,
  [`photos/${"a".repeat(16)}`]: PHOTO,
};
const leaflet = { document: "Tờ gấp", form: "leaflet", distributed: 10, distributed_on: TODAY, place: HERE };
const other = (kind: string, set: Values, more: object = {}) => ({
  records: [{ record: "r", kind, ...more }],
  writes: [ownWrite("r", { submitted: true, ...set }, { kind })],
});

it("an ordinary banner, also without a position, and an ordinary broadcast are asked about nothing", async () => {
  const schedule = { from: TODAY, to: "2021-07-20", times_a_day: 2 };
  const airing = { script: "Bài 1", minutes: 15, schedule, standing: true };
  expect(await open(BANNER, banner, other("banner", banner, { record: "x" }))).not.toContain("place_none");
  expect(await open(BANNER, { ...banner, hamlet: "Thôn 1" })).toEqual([]);
  const before = { ...airing, schedule: { from: "2021-07-01", to: "2021-07-09", times_a_day: 2 } };
  expect(await open(BROADCAST, airing, other("broadcast", before))).toEqual([]);
});

// F-20: the marker is said by the form that saves it, and not by the draft.
it("a new broadcast from today to next week is asked about nothing; an edit of one that counts its schedule is", async () => {
  const schedule = { from: TODAY, to: "2021-07-17", times_a_day: 2 };
  const airing = { script: "Bài 1", minutes: 15, schedule };
  expect(await open(BROADCAST, airing)).toEqual([]);
  expect(checkedAlone(BROADCAST, draftOf(BROADCAST, airing), CAMPAIGN)).toEqual([]);
  const edit = { ...draftOf(BROADCAST, airing), record: "r" };
  expect(checkedAlone(BROADCAST, edit, CAMPAIGN).map(({ check }) => check.id)).toEqual(["schedule_ahead"]);
});

it("the same leaflet twice; not beside one that was deleted, that is no more than a draft, or of another unit", async () => {
  expect(await open(LEAFLET, leaflet, other("leaflet", leaflet))).toEqual(["twice_again"]);
  expect(await open(LEAFLET, leaflet, other("leaflet", { ...leaflet, deleted: true }))).toEqual([]);
  expect(await open(LEAFLET, leaflet, other("leaflet", { ...leaflet, submitted: null }))).toEqual([]);
  expect(await open(LEAFLET, leaflet, other("leaflet", leaflet, { unit: "v" }))).toEqual([]);
});

it("a photo used before, in whatever campaign, if that record still shows it", async () => {
  const upload = {
    sha256: HASH,
    record: "r",
    field: `photos/${"a".repeat(16)}`,
    role: "full",
    state: "verified",
  };
  const elsewhere = (set: Values) => ({ ...other("banner", set, { campaign: "old" }), uploads: [upload] });
  expect(await open(BANNER, banner, elsewhere(banner))).toEqual(["photo_same"]);
  expect(await open(BANNER, banner, elsewhere({ ...banner, [`photos/${"a".repeat(16)}`]: null }))).toEqual(
    [],
  );
});

it("what was kept is asked no more, until it is another number", async () => {
  const over = { ...leaflet, distributed: 1200, received: 1000 };
  const kept = { "kept/distributed_received": { distributed: 1200, received: 1000 } };
  expect(await open(LEAFLET, over)).toEqual(["distributed_received"]);
  expect(await open(LEAFLET, { ...over, ...kept })).toEqual([]);
  expect(await open(LEAFLET, { ...over, ...kept, distributed: 1300 })).toEqual(["distributed_received"]);
});

it("a form says it as it is typed, without the campaign's days where an older server gave none", () => {
  const said = (now: Values, campaign?: Campaign) =>
    checkedAlone(BANNER, draftOf(BANNER, now), campaign).map(({ check }) => check.id);
  const early = { ...banner, put_up_on: "2020-07-10" };
  expect(said({ ...early, quantity: 60 })).toEqual(["number_range"]);
  expect(said(early, CAMPAIGN)).toEqual(["time_window"]);
});

it("days outside the campaign, and days to come by the server's clock and not by the phone's", async () => {
  expect(await open(BANNER, { ...banner, put_up_on: "2021-08-01" })).toEqual(["time_window", "time_ahead"]);
  expect(await open(BANNER, banner)).toEqual([]);
  hearTime(Date.parse("2021-07-08T09:00:00+07:00")); // the phone's clock is two days ahead
  expect(await open(BANNER, banner)).toEqual(["time_ahead"]);
});

it("F-42: the record that stands for a form's own is not another one that says the same", async () => {
  const held = other("banner", banner);
  const asked = async (letGo: object) => {
    const db = await phone({ ...held, meta: { catalog: CATALOG, let_go: letGo } });
    const form = { ...draftOf(BANNER, banner), record: "was" };
    return (await checked(db, BANNER, form, banner, CAMPAIGN, CATALOG.officer.name)).open.length;
  };
  expect(await asked({})).toBeGreaterThan(0);
  expect(await asked({ was: "r" })).toBe(0);
});
