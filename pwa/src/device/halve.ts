// One bad item blocks nothing (SPEC G6): a body the hub cannot even judge is halved down to the one write at fault.

/** True for an answer about the body as a whole, which a smaller body may not get. */
export type Poisoned = (error: unknown) => boolean;

/**
 * Sends `items` in one body. When that fails twice with a poisoned answer, and an empty body shows that the hub is
 * well, each half goes alone; a single item left over is set aside with its error. Any other failure ends it all.
 */
export async function sendHalving<T>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<void>,
  poisoned: Poisoned,
  setAside: (item: T, error: unknown) => Promise<void>,
): Promise<void> {
  const error = await failing(() => send(items), poisoned);
  if (error === undefined) return;
  if (items.length === 0) throw error;
  await send([]);
  const [first] = items;
  if (items.length === 1 && first !== undefined) return setAside(first, error);
  const middle = items.length >> 1;
  await sendHalving(items.slice(0, middle), send, poisoned, setAside);
  await sendHalving(items.slice(middle), send, poisoned, setAside);
}

/** Tries twice; the poisoned error of the second try, or undefined when one went through. */
async function failing(send: () => Promise<void>, poisoned: Poisoned): Promise<unknown> {
  let last: unknown;
  for (const _ of [1, 2]) {
    try {
      await send();
      return undefined;
    } catch (error) {
      if (!poisoned(error)) throw error;
      last = error;
    }
  }
  return last;
}
