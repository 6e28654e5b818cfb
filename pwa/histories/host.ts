// The process: asked line by line in JSON, it does one thing after another with its phones, and asks back wherever a page
// calls the server. Both ends wait for each other, so that the same questions always give the same answers.
import "fake-indexeddb/auto";
import { createHash } from "node:crypto";
import { readFileSync, readSync, writeSync } from "node:fs";
import { Disk } from "./disk";
import { type Answer, compiled, Killed, Page, world } from "./page";

/** One act on one phone: `kill` is after so many effects. */
interface Act {
  readonly phone: string;
  readonly act: string;
  readonly asked?: object;
  readonly kill?: number | null;
}

interface Question {
  readonly op:
    | "phone"
    | "drop"
    | "skew"
    | "keep"
    | "become"
    | "forget"
    | "do"
    | "hand in"
    | "both"
    | "picture";
  readonly phone: string;
  readonly ids: string;
  readonly ms: number;
  readonly name: string;
  readonly act: Act;
  readonly acts: readonly [Act, Act];
  /** Of the first act's answers the one with this number comes behind the second act; none: both go on side by side. */
  readonly hold: number | null;
  /** Of that answer the head comes at once. */
  readonly inside: boolean;
  readonly file: string;
  readonly full: string;
  readonly thumb: string;
}

let heard = "";

function hear(): unknown {
  const part = Buffer.alloc(1 << 16);
  for (;;) {
    const end = heard.indexOf("\n");
    if (end >= 0) {
      const line = heard.slice(0, end);
      heard = heard.slice(end + 1);
      return JSON.parse(line);
    }
    const size = readSync(0, part);
    if (size === 0) return null;
    // What the other end says is ASCII.
    heard += part.toString("latin1", 0, size);
  }
}

function say(said: object): void {
  const bytes = Buffer.from(`${JSON.stringify(said)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

function ask(phone: string, what: object): Answer {
  say({ phone, ...what });
  return hear() as Answer;
}

const script = compiled(readFileSync(process.argv[2] ?? "", "utf8"));
const worker = compiled(readFileSync(process.argv[3] ?? "", "utf8"));
const disks = new Map<string, Disk>();
const pages = new Map<string, Page>();
const kept = new Map<string, Disk>();
const pictures = new Map<string, { full: Buffer; thumb: Buffer }>();
/** What nobody waited for went wrong: a page that was killed aside. */
const unheard: unknown[] = [];
process.on("unhandledRejection", (error) => {
  if (!isEnd(error)) unheard.push(error);
});

function isEnd(error: unknown): boolean {
  const why = error instanceof Error && error.cause ? error.cause : error;
  return why instanceof Killed || (why instanceof DOMException && why.name === "AbortError");
}

function disk(phone: string): Disk {
  const found = disks.get(phone);
  if (!found) throw new Error(`no phone ${phone}`);
  return found;
}

async function page(phone: string, window = ""): Promise<Page> {
  const name = phone + window;
  const found = pages.get(name);
  if (found && !found.dead) {
    await found.app.wake();
    return found;
  }
  const made = new Page(disk(phone), script, (asked) => ask(phone, { fetch: asked }), pictures);
  pages.set(name, made);
  await made.app.start();
  await quiet(made);
  return made;
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
const QUIET_TICKS = 5;

/** What nobody waits for ends too. */
async function quiet(one: Page): Promise<void> {
  for (let still = 0; still < QUIET_TICKS; still += 1) {
    await tick();
    if (one.busy > 0) still = 0;
  }
}

async function doing(on: Page, { act, asked = {}, kill }: Act): Promise<object> {
  world.now += 1000;
  on.left = kill ?? Number.POSITIVE_INFINITY;
  try {
    const work = act === "join" ? on.app.join : on.app.acts[act as "look"];
    return { value: (await work(asked as never)) ?? null };
  } catch (error) {
    if (on.dead) return { killed: true };
    const { name, message, code, status, stack, cause } = error as Error & { code?: string; status?: number };
    return { error: { name, message, code, status, stack, cause: String(cause ?? "") } };
  } finally {
    await quiet(on);
    on.left = Number.POSITIVE_INFINITY;
    if (on.dead) on.kill();
  }
}

/** The worker is woken once: it remembers nothing of before, and ends. */
async function handedIn(act: Act): Promise<object> {
  const asking = (asked: object) => ask(act.phone, { fetch: asked });
  const woken = new Page(disk(act.phone), worker, asking, pictures, true);
  const done = await doing(woken, act);
  woken.kill();
  return done;
}

/** Two windows of one phone. */
async function both({
  acts: [first, second],
  hold,
  inside,
}: Pick<Question, "acts" | "hold" | "inside">): Promise<object> {
  const [one, two] = [await page(first.phone), await page(second.phone, " 2")];
  let open: () => void = () => undefined;
  if (hold === null) return { all: await Promise.all([doing(one, first), doing(two, second)]) };
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const held = new Promise<void>((reached) => {
    one.holds = { after: hold, inside, gate, reached };
  });
  const early = doing(one, first);
  await Promise.race([held, early]);
  ask(first.phone, { meanwhile: await two.app.acts.look() });
  const late = await doing(two, second);
  open();
  one.holds = undefined;
  return { all: [await early, late] };
}

async function answer({ op, phone, ...said }: Question): Promise<object> {
  switch (op) {
    case "phone":
      disks.set(phone, new Disk(said.ids));
      return {};
    case "drop":
      for (const name of [phone, `${phone} 2`]) {
        pages.get(name)?.kill();
        pages.delete(name);
      }
      disks.delete(phone);
      return {};
    case "skew":
      disk(phone).skew += said.ms;
      return {};
    case "keep":
      kept.set(said.name, await disk(phone).kept());
      return {};
    case "become": {
      for (const name of [phone, `${phone} 2`]) pages.get(name)?.kill();
      const from = kept.get(said.name);
      if (!from) throw new Error(`nothing kept as ${said.name}`);
      await disk(phone).become(from);
      return {};
    }
    case "forget":
      kept.clear();
      return {};
    case "picture": {
      const file = Buffer.from(said.file, "base64");
      const [full, thumb] = [Buffer.from(said.full, "base64"), Buffer.from(said.thumb, "base64")];
      pictures.set(createHash("sha256").update(file).digest("hex"), { full, thumb });
      return {};
    }
    case "do":
      return doing(await page(said.act.phone), said.act);
    case "hand in":
      return handedIn(said.act);
    case "both":
      return both(said);
  }
}

for (let asked = hear(); asked !== null; asked = hear()) {
  const given = await answer(asked as Question).catch((error: Error) => ({ broken: error.stack }));
  const [error] = unheard.splice(0);
  say({ done: error ? { broken: (error as Error).stack ?? String(error) } : given });
}
