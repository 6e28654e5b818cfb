// What every page of a phone shares and node lacks, as small as it can be and true to the standard: locks that queue, caches
// with room for so much, a storage whose keys are its own.
type Work = (lock: { readonly name: string } | null) => unknown;
type Options = { readonly ifAvailable?: boolean; readonly signal?: AbortSignal };

/** Exclusive locks: who asks waits behind those who asked before (Web Locks API). */
export class Locks {
  /** Its window: all that ask here are of one. */
  readonly #clientId = crypto.randomUUID();
  readonly #queues = new Map<string, (() => void)[]>();

  async request(name: string, ...rest: [Work] | [Options, Work]): Promise<unknown> {
    const work = rest[1] ?? (rest[0] as Work);
    const { ifAvailable, signal } = rest[1] ? (rest[0] as Options) : {};
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    if (ifAvailable && queue.length > 0) return work(null);
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const turn = queue.push(resolve);
      if (turn === 1) resolve();
      signal?.addEventListener("abort", () => {
        const at = queue.indexOf(resolve);
        if (at < 1) return;
        queue.splice(at, 1);
        reject(signal.reason);
      });
    });
    try {
      return await work({ name });
    } finally {
      queue.shift();
      queue[0]?.();
    }
  }

  query(): Promise<{ held: { name: string; clientId: string }[]; pending: [] }> {
    const names = [...this.#queues].filter(([, queue]) => queue.length > 0).map(([name]) => name);
    const held = names.map((name) => ({ name, clientId: this.#clientId }));
    return Promise.resolve({ held, pending: [] });
  }
}

/** All caches of a phone. Of what does not go in nothing is kept. */
export class Caches {
  /** How many bytes still go in. */
  room = Number.POSITIVE_INFINITY;
  readonly #caches = new Map<string, Shelf>();

  open(name: string): Promise<Shelf> {
    const shelf = this.#caches.get(name) ?? new Shelf(this);
    this.#caches.set(name, shelf);
    return Promise.resolve(shelf);
  }

  async match(key: Request | string): Promise<Response | undefined> {
    for (const shelf of this.#caches.values()) {
      const held = await shelf.match(key);
      if (held) return held;
    }
    return undefined;
  }

  keys(): Promise<string[]> {
    return Promise.resolve([...this.#caches.keys()]);
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.#caches.delete(name));
  }
}

class Shelf {
  readonly #phone: Caches;
  readonly #held = new Map<string, Blob>();

  constructor(phone: Caches) {
    this.#phone = phone;
  }

  async put(key: Request | string, response: Response): Promise<void> {
    const body = await response.blob();
    if (body.size > this.#phone.room) throw new DOMException("no room", "QuotaExceededError");
    this.#phone.room -= body.size;
    await this.delete(key);
    this.#held.set(addressOf(key), body);
  }

  match(key: Request | string): Promise<Response | undefined> {
    const held = this.#held.get(addressOf(key));
    return Promise.resolve(held && new Response(held));
  }

  keys(): Promise<Request[]> {
    return Promise.resolve([...this.#held.keys()].map((address) => new Request(address)));
  }

  delete(key: Request | string): Promise<boolean> {
    this.#phone.room += this.#held.get(addressOf(key))?.size ?? 0;
    return Promise.resolve(this.#held.delete(addressOf(key)));
  }
}

function addressOf(key: Request | string): string {
  return typeof key === "string" ? new URL(key, "https://phone.example/app/").href : key.url;
}

/** What is set in it are its own keys, as of any Storage. */
export class Texts {
  [key: string]: unknown;
}
Object.defineProperties(Texts.prototype, {
  getItem: { value: read },
  setItem: { value: keep },
  removeItem: { value: drop },
});

function read(this: Record<string, string>, key: string): string | null {
  return this[key] ?? null;
}

function keep(this: Record<string, string>, key: string, text: unknown): void {
  this[key] = String(text);
}

function drop(this: Record<string, string>, key: string): void {
  delete this[key];
}
