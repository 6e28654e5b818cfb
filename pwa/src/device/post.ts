// A question and its answer, both JSON. What goes up is compressed where the browser can (not iOS before 16.4, which
// then sends it as it is).
import { call } from "./hub";

const WORTH_BYTES = 500;

export async function post<T>(token: string | null, path: string, question: unknown): Promise<T> {
  return (await call(token, path, await asked(question))).json();
}

/** The request that puts a question. */
export async function asked(question: unknown, accept = "application/json"): Promise<RequestInit> {
  const headers: Record<string, string> = { "Content-Type": "application/json", Accept: accept };
  let body: BodyInit = JSON.stringify(question);
  if (body.length > WORTH_BYTES && typeof CompressionStream !== "undefined") {
    headers["Content-Encoding"] = "gzip";
    const packed = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"));
    // Whole: only a body of known length can be sent by every browser.
    body = await new Response(packed).arrayBuffer();
  }
  return { method: "POST", body, headers };
}
