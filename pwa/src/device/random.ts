// The one place that draws an id's random bits (SPEC ID-1).
import { encodeId, ID_BYTES } from "../sync/ids";

export function newId(): string {
  return encodeId(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}
