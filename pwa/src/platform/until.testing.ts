/** The real one, also where a test stops the clock: to wait moves no clock that a test has in hand. */
const { setTimeout: later } = globalThis;

const PAUSE_MS = 20;
const TRIES = 750;

/** Waits until `look` throws no more. It looks for what stays: a state that passes may be over before the first look. A busy machine may take long. */
export async function until<T>(look: () => T | Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await look();
    } catch (error) {
      if (tries === TRIES) throw error;
    }
    await new Promise((done) => later(done, PAUSE_MS));
  }
}
