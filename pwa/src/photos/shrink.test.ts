import { afterEach, expect, test as it, vi } from "vitest";
import { originalOf } from "./shrink";

afterEach(() => vi.unstubAllGlobals());

/** A browser that encodes pictures up to so many pixels wide, and has no memory for larger ones. */
function encodes(most: number) {
  const asked: number[] = [];
  vi.stubGlobal(
    "OffscreenCanvas",
    class {
      readonly width: number;
      constructor(width: number) {
        this.width = width;
      }
      getContext = () => ({ drawImage: () => undefined });
      convertToBlob = ({ type }: { type: string }) => {
        asked.push(this.width);
        return this.width > most
          ? Promise.reject(new DOMException("no memory", "EncodingError"))
          : Promise.resolve(new Blob([`${this.width}`], { type }));
      };
    },
  );
  return asked;
}

function frame() {
  const close = vi.fn();
  return { frame: { width: 4000, height: 3000, close } as unknown as ImageBitmap, close };
}

it("P-21: a frame that cannot be encoded as it is, is encoded smaller; nothing else holds it", async () => {
  const asked = encodes(2000);
  const one = frame();
  expect(await (await originalOf(one.frame)).text()).toBe("1600");
  expect(asked).toEqual([4000, 1600]);
  expect(one.close).toHaveBeenCalledOnce();
});

it("P-21: without memory for the least of it, that is said, and the frame is let go", async () => {
  encodes(0);
  const one = frame();
  await expect(originalOf(one.frame)).rejects.toThrow("no memory");
  expect(one.close).toHaveBeenCalledOnce();
});
