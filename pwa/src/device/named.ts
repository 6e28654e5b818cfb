// What the catalogue says of something, found by the id or name that rows keep.
import type { Kind } from "../sync/kind";
import type { Catalog } from "./catalog";

export function byId<T extends { readonly id: string }>(
  list: readonly T[] | undefined,
  id: unknown,
): T | undefined {
  return list?.find((one) => one.id === id);
}

export function kindOf(catalog: Catalog | undefined, name: string | undefined): Kind | undefined {
  return catalog?.kinds.find((one) => one.kind === name);
}

/** It takes nothing more (SPEC L-5). */
export function isArchived({ campaigns }: Catalog, { campaign }: { readonly campaign: string }): boolean {
  return byId(campaigns, campaign)?.archived ?? false;
}
