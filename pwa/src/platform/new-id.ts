// The one place that draws an id's random bits (SPEC ID-1): core/ is pure.
import { encodeId, ID_BYTES } from "../core/ids";

export function newId(): string {
  return encodeId(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}
