// Ids: 96 random bits as 16 base64url characters (SPEC ID-1).
export const ID_BYTES = 12;

export function encodeId(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}

export function newId(): string {
  return encodeId(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}
