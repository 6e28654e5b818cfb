// A server that is asked by `fetch`, as the app asks: a function from what was asked to an answer.
import { gunzipSync } from "node:zlib";
import { vi } from "vitest";

export interface Asked {
  readonly method: string;
  /** Below /api/v1/. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** The body, where it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was said
  readonly said: any;
}

/** Gives all that was asked so far. What the function throws is a server that is not reached. */
export function serve(answer: (asked: Asked) => Response | Promise<Response>): Asked[] {
  const log: Asked[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    init.signal?.throwIfAborted();
    const headers = new Headers(init.headers);
    const raw = new Uint8Array(await new Response(init.body).arrayBuffer());
    const body = headers.get("Content-Encoding") === "gzip" ? gunzipSync(raw) : raw;
    const json = headers.get("Content-Type") === "application/json";
    const said = json ? JSON.parse(new TextDecoder().decode(body)) : undefined;
    const asked = { method: init.method ?? "GET", path: url.replace("/api/v1/", ""), headers, body, said };
    log.push(asked);
    const ended = new Promise<never>((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
    ended.catch(() => undefined);
    return Promise.race([answer(asked), ended]);
  });
  return log;
}

/** Not reached. */
export function unreached(): never {
  throw new TypeError("fetch failed");
}

/** Lines, whole or cut after so many. */
export function lines(said: readonly object[], most = said.length): Response {
  const text = said.map((line) => `${JSON.stringify(line)}\n`);
  return new Response([...text.slice(0, most), ...(most < text.length ? ['{"cut'] : [])].join(""));
}

/** As many lines; then the line breaks. */
export function broken(said: readonly object[], most: number): Response {
  const text = said.slice(0, most).map((line) => `${JSON.stringify(line)}\n`);
  const parts = [new TextEncoder().encode(text.join(""))];
  return new Response(
    new ReadableStream({
      pull: (line) => {
        const part = parts.pop();
        if (part) line.enqueue(part);
        else line.error(new TypeError("network error"));
      },
    }),
  );
}
