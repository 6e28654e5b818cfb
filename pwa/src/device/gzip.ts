// What goes up is compressed where the browser can (not iOS before 16.4, which then sends it as it is).
import type { Call } from "./hub";

const WORTH_BYTES = 500;

export async function gzip(text: string): Promise<Required<Pick<Call, "body" | "headers">>> {
  const headers = { "Content-Type": "application/json" };
  if (text.length < WORTH_BYTES || typeof CompressionStream === "undefined") return { body: text, headers };
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return {
    body: await new Response(packed).arrayBuffer(),
    headers: { ...headers, "Content-Encoding": "gzip" },
  };
}
