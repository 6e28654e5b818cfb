// One question to a worker of its own, which says once, by null, that it is there, and then answers.
import { OUT_OF_MEMORY } from "./shrink";

/** No file takes so long: a worker that the system ended says nothing at all. */
const ANSWER_MS = 30_000;

/** Where its script does not come there is no worker: the page does the work itself, by `alone`. */
export function askWorker<T>(
  worker: Worker,
  question: unknown,
  alone: () => Promise<T>,
  transfer: Transferable[] = [],
): Promise<T | typeof OUT_OF_MEMORY> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const done = new Promise<T | typeof OUT_OF_MEMORY>((resolve) => {
    late = setTimeout(() => resolve(OUT_OF_MEMORY), ANSWER_MS);
    worker.onerror = () => {
      clearTimeout(late);
      resolve(alone());
    };
    worker.onmessage = ({ data }: MessageEvent<T | null>) => {
      if (data) return resolve(data);
      // It is there. From here on: it ran out of memory.
      worker.onerror = () => resolve(OUT_OF_MEMORY);
      worker.postMessage(question, transfer);
    };
  });
  return done.finally(() => {
    clearTimeout(late);
    worker.terminate();
  });
}
