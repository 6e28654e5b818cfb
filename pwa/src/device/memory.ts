// What this phone remembers to save typing: the last value where a kind asks for it, and texts used before, last first.
import type { Kind } from "../sync/kind";
import { fold } from "../sync/text";
import type { Values } from "../sync/write";
import { type Meta, metaIn, type Tx } from "./db";

const KEPT = 20;

export async function remember(tx: Tx, kind: Kind, set: Values): Promise<void> {
  const defaults: Record<string, Values> = { ...(await metaIn(tx, "defaults")) };
  const texts: Record<string, readonly string[]> = { ...(await metaIn(tx, "texts")) };
  for (const field of kind.fields) {
    const said = set[field.name];
    if (typeof said !== "string" || said === "") continue;
    if (field.default === "last") defaults[kind.kind] = { ...defaults[kind.kind], [field.name]: said };
    const list = listOf(field);
    if (list) texts[list] = [said, ...without(texts[list] ?? [], said)].slice(0, KEPT);
  }
  const store = tx.objectStore("meta");
  await store.put(defaults satisfies Meta["defaults"], "defaults");
  await store.put(texts satisfies Meta["texts"], "texts");
}

/** The list a field is remembered in. */
export function listOf(field: { readonly type: string; readonly suggest?: string }): string | undefined {
  return field.suggest ?? (field.type === "slogan" ? "slogans" : undefined);
}

function without(texts: readonly string[], text: string): string[] {
  return texts.filter((other) => fold(other) !== fold(text));
}
