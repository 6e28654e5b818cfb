// What this phone remembers to save typing: the last value where a kind asks for it, and texts used before, last first.
import { lasting } from "../core/draft";
import type { Kind } from "../core/kind";
import { fold } from "../core/text";
import type { Values } from "../core/write";
import { meta, type Tx } from "../db/schema";

const KEPT = 20;

export async function remember(tx: Tx, kind: Kind, set: Values): Promise<void> {
  const defaults: Record<string, Values> = { ...(await meta(tx, "defaults")) };
  const texts: Record<string, readonly string[]> = { ...(await meta(tx, "texts")) };
  for (const field of kind.fields) {
    const said = set[field.name];
    if (typeof said !== "string" || said === "") continue;
    if (field.default === "last") defaults[kind.kind] = { ...defaults[kind.kind], [field.name]: said };
    const list = listOf(field);
    if (!list) continue;
    const others = (texts[list] ?? []).filter((text) => fold(text) !== fold(said));
    texts[list] = [said, ...others].slice(0, KEPT);
  }
  if (kind.fields.some(({ type, name }) => type === "schedule" && set[name])) {
    const previous = { ...(await meta(tx, "previous")), [kind.kind]: lasting(kind, set) };
    await tx.put("meta", previous, "previous");
  }
  await tx.put("meta", defaults, "defaults");
  await tx.put("meta", texts, "texts");
}

/** The list a field is remembered in. */
export function listOf(field: { readonly type: string; readonly suggest?: string }): string | undefined {
  return field.suggest ?? (field.type === "slogan" ? "slogans" : undefined);
}
