// Photos on their way into a draft: whoever saves it, or opens it again, waits for them first.
import { holdPage } from "../../platform/page";

const running: Record<string, Promise<boolean>> = {};

/** Returns what `work` does, and fails with it. Failing, or `false`, means that the photo did not come in. */
export async function adding<T>(id: string, work: Promise<T>): Promise<T> {
  // Until it is on the disk, and no longer: nothing begins this page anew.
  const letGo = holdPage();
  void work.then(letGo, letGo);
  const well = work.then(
    (came) => came !== false,
    () => false,
  );
  const all = Promise.all([running[id], well]).then((came) => !came.includes(false));
  running[id] = all;
  // One that did not come in is not held against those that are taken after it.
  void all.then(() => {
    if (running[id] === all) delete running[id];
  });
  return await work;
}

/** Those that come meanwhile too. Whether all that were waited for came in. */
export async function added(id: string): Promise<boolean> {
  let well = true;
  for (let all = running[id]; all; all = running[id]) well = (await all) && well;
  return well;
}
