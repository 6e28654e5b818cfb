// Whether a photo may be too dark or blurred to be of use: said after the shutter, blocks nothing. Cheap, for it looks
// at the thumbnail alone.
export type Remark = "dark" | "blurred";

/** Mean light of 255 below which a banner is hardly read. */
const DARK = 42;
/** Variance of the Laplacian (its mean is none) below which no stroke has an edge. */
const SOFT = 45;

export function remarkOn({ data, width }: Pick<ImageData, "data" | "width">): Remark | undefined {
  const part = (at: number) => data[at] ?? 0;
  const light = (at: number) => (part(4 * at) + part(4 * at + 1) + part(4 * at + 2)) / 3;
  let [count, sum, squares] = [0, 0, 0];
  for (let at = width; 4 * (at + width) < data.length; at += 1) {
    // The ends of a row have no neighbour on one side.
    if ((at + 1) % width < 2) continue;
    const edge = 4 * light(at) - light(at - 1) - light(at + 1) - light(at - width) - light(at + width);
    count += 1;
    sum += light(at);
    squares += edge * edge;
  }
  if (sum < DARK * count) return "dark";
  return squares < SOFT * count ? "blurred" : undefined;
}
