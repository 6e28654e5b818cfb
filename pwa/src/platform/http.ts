// One call to the server. It ends in an answer or in a Problem: with a code that the server gave (sync/errors.json), or
// `unreachable`; silence for too long is that too, however slow a link that still moves may be.

const SILENCE_MS = 60_000;
/** A proxy's own error page has no code of ours: its status says which of our sentences is nearest. */
const NEAR: Readonly<Record<number, string>> = { 401: "unauthenticated", 404: "not_found", 413: "too_large" };

export class Problem extends Error {
  declare readonly status: number;
  declare readonly code: string;
  /** How many milliseconds the server asked to be left alone. */
  declare readonly rest: number | undefined;
  /** Status 0: the server was not reached. */
  constructor(status: number, code: string, rest?: number) {
    super(code);
    this.status = status;
    this.code = code;
    this.rest = rest;
  }
}

/** True for an answer that the next request would get too: not reached, shut out, too much was sent, busy. */
export function endsRun(error: unknown): boolean {
  return error instanceof Problem && [0, 401, 429, 503].includes(error.status);
}

/** Calls on their way: when each last got something from the server, and what it sends. */
const running = new Map<AbortController, { readonly at: number; readonly bytes: number }>();
/** A call that was quiet for so long when the network comes back waits on a connection that is gone. */
const STALE_MS = 1_500;
/** No call is quiet for longer than this and twice the time that its body needs on a line of 2G (50 kbit/s). */
const QUIET_MS = 5_000;
const SLOW_BYTES_A_MS = 3;

/** The network came back: what waits on the one before ends now, and not after a minute of silence. */
export function dropStale(): void {
  for (const [abort, { at }] of running) if (performance.now() - at > STALE_MS) abort.abort();
}

function stuckCalls(): AbortController[] {
  const now = performance.now();
  const stuck = [...running].filter(([, { at, bytes }]) => now - at > QUIET_MS + bytes / SLOW_BYTES_A_MS);
  return stuck.map(([abort]) => abort);
}

/** True where calls are on their way and none moves. */
export function isStuck(): boolean {
  return running.size > 0 && stuckCalls().length === running.size;
}

/** Ends those that do not move. */
export function dropStuck(): void {
  for (const abort of stuckCalls()) abort.abort();
}

/** Whether the server answers at all within this time: no call of the exchange, and counted nowhere among them. */
export async function isReached(within_ms: number): Promise<boolean> {
  const abort = new AbortController();
  const limit = setTimeout(() => abort.abort(), within_ms);
  const init: RequestInit = { signal: abort.signal, cache: "no-store", credentials: "omit" };
  // Whatever it says: it is there.
  const reached = await fetch("/api/v1/health", init).then(
    ({ body }) => !body?.cancel() || true,
    () => false,
  );
  clearTimeout(limit);
  return reached;
}

/** What carries a call: the browser's own, or a test's. */
export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** An answer once all of its body is here. */
export async function call(
  token: string | null,
  path: string,
  init?: RequestInit,
  via?: Fetch,
): Promise<Response> {
  const parts: BlobPart[] = [];
  const body = hear(token, path, init, via);
  let part = await body.next();
  for (; !part.done; part = await body.next()) parts.push(part.value);
  return new Response(parts.length > 0 ? new Blob(parts) : null, part.value);
}

/** The body of an answer part by part, as it comes; who stops listening ends the call. */
export async function* hear(
  token: string | null,
  path: string,
  init: RequestInit = {},
  via: Fetch = fetch,
): AsyncGenerator<Uint8Array<ArrayBuffer>, Response> {
  const abort = new AbortController();
  let watch: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    running.set(abort, { at: performance.now(), bytes: bytesOf(init.body) });
    watch = setTimeout(() => abort.abort(), SILENCE_MS);
  };
  try {
    listen();
    const response = await via(`/api/v1/${path}`, {
      ...init,
      headers: {
        // As the page says of itself.
        "Accept-Language": globalThis.document?.documentElement?.lang || "vi",
        ...(token && { Authorization: `Bearer ${token}` }),
        ...init.headers,
      },
      signal: abort.signal,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
    });
    if (!response.ok) throw await refusal(response);
    const reader = response.body?.getReader();
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      // No timeout while the caller handles this chunk: that is no silence of the server.
      clearTimeout(watch);
      yield part.value;
      listen();
    }
    return response;
  } catch (error) {
    throw error instanceof Problem ? error : new Problem(0, "unreachable");
  } finally {
    clearTimeout(watch);
    running.delete(abort);
    abort.abort();
  }
}

/** Of what is sent here: packed or not, it is of known length. */
function bytesOf(body: RequestInit["body"]): number {
  if (typeof body === "string") return body.length;
  if (body instanceof Blob) return body.size;
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body.byteLength : 0;
}

async function refusal(response: Response): Promise<Problem> {
  const { status, headers } = response;
  const rest = retryAfter(headers.get("Retry-After"), headers.get("Date"));
  const said = await response.json().catch(() => null); // a page of a proxy is no JSON
  return new Problem(
    status,
    said?.code ?? NEAR[status] ?? (status < 500 ? "bad_request" : "unavailable"),
    rest,
  );
}

const WORTH_BYTES = 500;

export async function post<T>(
  token: string | null,
  path: string,
  question: unknown,
  via?: Fetch,
): Promise<T> {
  return (await call(token, path, await jsonRequest(question), via)).json();
}

/** A POST of a question as JSON, packed where that is worth it. */
export async function jsonRequest(question: unknown, accept = "application/json"): Promise<RequestInit> {
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

// How long to leave the server alone: of itself after a failure, ever longer, and no phone of thousands at once; as the
// server says in `Retry-After` (RFC 9110, 10.2.3) when it is busy (503) or when this phone sent too much (429).

const FIRST_MS = 5_000;
const LONGEST_MS = 10 * 60_000;
/** With nothing wrong: the app, while it is open, pulls this often. */
const IDLE_MS = 2 * 60_000;

/** `chance` in [0, 1) spreads phones over the second half of the wait. */
export function waitMs(failures: number, chance: number): number {
  const whole = failures === 0 ? IDLE_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(whole * (0.5 + chance / 2));
}

const LEAST_MS = 1_000;
/** As long as the longest back-off (`LONGEST_MS`): no header keeps a phone away for a day. */
const MOST_MS = 10 * 60_000;

/** Milliseconds from a header of seconds or of a date, which is read by the server's own clock (`date`); undefined: none. */
export function retryAfter(header: string | null, date: string | null): number | undefined {
  if (!header) return;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds)
    ? Date.parse(header) - (date ? Date.parse(date) : Date.now())
    : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.min(MOST_MS, Math.max(LEAST_MS, ms));
}

/** Whom the server asked to wait, by what they are called, and until when. */
export class Rests {
  private readonly until = new Map<string, number>();

  /** `chance` in [0, 1) spreads phones that got the same answer. */
  begin(who: string, ms: number, now: number, chance: number): void {
    this.until.set(who, now + Math.round(ms * (1 + chance / 2)));
  }

  /** What is left of it. */
  left(who: string, now: number): number {
    return Math.max(0, (this.until.get(who) ?? 0) - now);
  }
}
