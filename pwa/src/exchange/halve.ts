// One bad item blocks nothing (SPEC G6): a body the server cannot even judge is halved down to the one write at fault.

/**
 * Sends `items` in one body. When that fails twice with a `poisoned` answer (about the body as a whole, which a
 * smaller body may not get), and each time an empty body shows that the server is well, each half goes alone; a single
 * item left over is set aside with its error. Any other failure ends it all.
 */
export async function sendHalving<T, E>(
  items: readonly T[],
  send: (items: readonly T[]) => Promise<void>,
  poisoned: (error: unknown) => error is E,
  setAside: (item: T, error: E) => Promise<void>,
  tries = 2,
): Promise<void> {
  try {
    await send(items);
  } catch (error) {
    if (!poisoned(error)) throw error;
    const [first] = items;
    if (first === undefined) throw error;
    await send([]);
    if (tries > 1) return sendHalving(items, send, poisoned, setAside, tries - 1);
    if (items.length === 1) return setAside(first, error);
    const middle = items.length >> 1;
    await sendHalving(items.slice(0, middle), send, poisoned, setAside);
    await sendHalving(items.slice(middle), send, poisoned, setAside);
  }
}
