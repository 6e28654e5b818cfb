// All a phone needs offline to record: units, campaigns, kinds. Held whole in the database (exchange/beside.ts
// fetches it); what it says of something is found by the id or name that rows keep.
import type { Kind } from "../core/kind";
import type { DueDates } from "../core/late";
import type { Expected } from "../core/plan";

export interface Unit {
  readonly id: string;
  readonly name: string;
  readonly short_name: string;
  readonly level?: string;
  readonly parent_name?: string | null;
  readonly stations: readonly string[];
  readonly hamlets: readonly string[];
  /** The name of its successor: no new records are made for it (SPEC L-6). */
  readonly merged_into: string | null;
  /** Whom to ask above. */
  readonly contact?: { readonly name: string; readonly phone: string } | null;
}

/** A script or a design of the campaign, kept on the phone (exchange/beside.ts). */
export interface CampaignFile {
  readonly id: string;
  readonly use: string;
  readonly title: string;
  readonly type: string;
  readonly size_bytes: number;
  readonly sha256: string;
  /** Whether it advertises the hotline (SPEC F-25); null, or absent from an older server: not said. */
  readonly hotline?: boolean | null;
}

export interface Campaign extends DueDates {
  readonly id: string;
  readonly name: string;
  readonly practice: boolean;
  /** First and last ISO day; not in a catalogue that an older server gave. */
  readonly starts_on?: string;
  readonly ends_on?: string;
  readonly archived: boolean;
  /** Ended: what comes now is marked so (L-4). */
  readonly closed: boolean;
  readonly hotline?: string;
  readonly slogans: readonly { readonly id: string; readonly text: string }[];
  readonly kinds: readonly string[];
  /** Not in a catalogue that an older server gave, nor what follows. */
  readonly files?: readonly CampaignFile[];
  /** What is planned of each figure, for each commune. */
  readonly expected?: readonly Expected[];
}

export interface NewDevice {
  readonly id: string;
  readonly label: string;
  readonly at: number;
  /** A program and no phone. */
  readonly script: boolean;
  /** Who made its code; empty for the administrator. */
  readonly by: string;
  /** Whom to tell that it is a stranger's. */
  readonly contact: { readonly name: string; readonly phone: string } | null;
}

/** A unit that this officer had, and when this phone learnt that it is theirs no more. */
export type Left = Unit & { readonly left_at: number };

export interface Catalog {
  readonly etag: string;
  readonly demo: boolean;
  readonly officer: { readonly id: string; readonly name: string; readonly mark: string };
  readonly units: readonly Unit[];
  readonly campaigns: readonly Campaign[];
  readonly kinds: readonly Kind[];
  /** What came in with this officer's account behind this phone; not in a catalogue that an older server gave. */
  readonly new_devices?: readonly NewDevice[];
  /** The newest version of the table of support, "" for the app's own (SPEC F-15). */
  readonly regimes?: string;
  /** It takes messages about records (SPEC D-15); not in a catalogue that an older server gave. */
  readonly messages?: boolean;
  /** Of this device (SPEC R-5); another one than before where the server has a new key. */
  readonly rescue_key?: string;
}

export function byId<T extends { readonly id: string }>(
  list: readonly T[] | undefined,
  id: unknown,
): T | undefined {
  return list?.find((one) => one.id === id);
}

/** A unit and those merged into it, directly or through another: their records are its own today (SPEC L-6). All, of none. */
export function wholeOf(units: readonly Unit[], unit: Unit | undefined): string[] {
  if (!unit) return units.map(({ id }) => id);
  const whole = new Set([unit]);
  for (const each of whole)
    for (const one of units) if (one.merged_into === each.name && one !== unit) whole.add(one);
  return [...whole].map(({ id }) => id);
}

export function kindOf(catalog: Catalog | undefined, name: string | undefined): Kind | undefined {
  return catalog?.kinds.find((one) => one.kind === name);
}

/** It takes nothing more (SPEC L-5). */
export function isArchived({ campaigns }: Catalog, { campaign }: { readonly campaign: string }): boolean {
  return byId(campaigns, campaign)?.archived ?? false;
}
