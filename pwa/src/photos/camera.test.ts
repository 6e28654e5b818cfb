// One camera for all viewfinders: it is asked for once, and none lets it go while another shows it.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";

class Camera {
  active = true;
  getTracks() {
    const stop = () => {
      this.active = false;
    };
    return [{ stop }];
  }
}

let asked: ((camera: Camera) => void)[] = [];
let page: { onvisibilitychange: (() => void) | null };
let openCamera: typeof import("./camera")["openCamera"];
let restCamera: typeof import("./camera")["restCamera"];

beforeEach(async () => {
  asked = [];
  page = { onvisibilitychange: null };
  vi.useFakeTimers();
  vi.stubGlobal("document", page);
  const getUserMedia = () => new Promise((resolve) => asked.push(resolve));
  vi.stubGlobal("navigator", { mediaDevices: { getUserMedia } });
  vi.resetModules();
  ({ openCamera, restCamera } = await import("./camera"));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A viewfinder that was closed while the phone still asked, as `ui/viewfinder.tsx` does it. */
async function left(seen: boolean): Promise<void> {
  const one = {};
  const opened = openCamera(one).then(() => restCamera(0, one));
  await vi.advanceTimersByTimeAsync(0);
  restCamera(60_000, one);
  if (seen) page.onvisibilitychange?.();
  void opened;
}

it.each([false, true])("who opens it while the phone asks has it, page left meanwhile: %s", async (seen) => {
  await left(seen);
  const opened = openCamera({});
  const camera = new Camera();
  asked[0]?.(camera);
  await vi.advanceTimersByTimeAsync(100_000);
  expect(await opened).toBe(camera);
  expect(camera.active).toBe(true);
  expect(asked.length).toBe(1);
});

it.each([false, true])("where nobody wants it any more it goes, page left meanwhile: %s", async (seen) => {
  await left(seen);
  const camera = new Camera();
  asked[0]?.(camera);
  await vi.advanceTimersByTimeAsync(1);
  expect(camera.active).toBe(false);
});

it("a form that was left does not take it from the next one", async () => {
  const [one, two] = [{}, {}];
  const first = openCamera(one);
  await vi.advanceTimersByTimeAsync(0);
  const camera = new Camera();
  asked[0]?.(camera);
  await first;
  restCamera(60_000, one);
  restCamera(3_000);
  const second = openCamera(two);
  restCamera(3_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await second).toBe(camera);
  expect(camera.active).toBe(true);
  restCamera(3_000, two);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(camera.active).toBe(false);
});
