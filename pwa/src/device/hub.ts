// One call to the hub. It ends in an answer, in a Problem the hub gave (with a code of sync/errors.json), or in
// Unreachable; silence for too long is Unreachable, however slow a link that still moves may be.
import { language } from "../i18n/text";

const BASE = "/api/v1/";
const SILENCE_MS = 60_000;

export class Problem extends Error {
  declare readonly status: number;
  declare readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

export class Unreachable extends Error {}

export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: BodyInit;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

export async function call(
  token: string | null,
  path: string,
  { headers, ...rest }: Call = {},
): Promise<Answer> {
  const abort = new AbortController();
  let watch = setTimeout(() => abort.abort(), SILENCE_MS);
  const heard = () => {
    clearTimeout(watch);
    watch = setTimeout(() => abort.abort(), SILENCE_MS);
  };
  const auth: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
  try {
    const response = await fetch(BASE + path, {
      ...rest,
      headers: { "Accept-Language": language(), ...auth, ...headers },
      signal: abort.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    heard();
    const body = await read(response, heard);
    if (response.status >= 400) throw problem(response.status, body);
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    throw error instanceof Problem ? error : new Unreachable(path, { cause: error });
  } finally {
    clearTimeout(watch);
  }
}

async function read(response: Response, heard: () => void): Promise<Uint8Array<ArrayBuffer>> {
  if (response.body === null) return new Uint8Array();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    heard();
    parts.push(part.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** A proxy's own error page has no code of ours: its status says which of our sentences is nearest. */
function problem(status: number, body: Uint8Array): Problem {
  try {
    const { code } = JSON.parse(new TextDecoder().decode(body));
    if (typeof code === "string") return new Problem(status, code);
  } catch {
    // Not JSON: falls through to the code its status stands for.
  }
  const near: Record<number, string> = { 401: "unauthenticated", 404: "not_found", 413: "too_large" };
  return new Problem(status, near[status] ?? (status >= 500 ? "unavailable" : "bad_request"));
}

export function json<T>(answer: Answer): T {
  return JSON.parse(new TextDecoder().decode(answer.body)) as T;
}
