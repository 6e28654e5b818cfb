// Ids: 96 random bits as 16 base64url characters (SPEC ID-1). The caller draws the bits (platform/new-id.ts).
export const ID_BYTES = 12;

export function encodeId(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
