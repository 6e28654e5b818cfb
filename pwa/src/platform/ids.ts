// Ids: 96 random bits as 16 base64url characters (SPEC ID-1), and the hashes by which files are named (P-1). The one place of the
// app that draws random bits for ids.
const ID_BYTES = 12;

export function newId(): string {
  return encodeId(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}

/** The first 96 bits of the SHA-256 of a text, as an id: the same text gives the same id. */
export async function idOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return encodeId(new Uint8Array(digest, 0, ID_BYTES));
}

/** The SHA-256 in hex. */
export async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes as base64url. */
export function encodeId(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
