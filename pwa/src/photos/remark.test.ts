// Thresholds against drawn pictures: a banner in daylight, the same out of focus, at dusk, and in the dark with a lamp.
import { expect, test as it } from "vitest";
import { remarkOn } from "./remark";

const WIDTH = 320;
const HEIGHT = 240;
type Light = (x: number, y: number) => number;

/** White strokes on a band, before a wall that is a little uneven. */
const banner: Light = (x, y) => {
  if (y < 80 || y > 160) return 150 + 20 * Math.sin(x / 40) + ((x * 7 + y * 13) % 5);
  return y > 105 && y < 135 && x % 12 < 4 ? 240 : 70;
};

function drawn(light: Light): Parameters<typeof remarkOn>[0] {
  const data = new Uint8ClampedArray(4 * WIDTH * HEIGHT);
  for (let at = 0; at < WIDTH * HEIGHT; at += 1) {
    const one = light(at % WIDTH, Math.floor(at / WIDTH));
    data.set([one, one, one, 255], 4 * at);
  }
  return { data, width: WIDTH };
}

/** The mean of a square around each point: out of focus, or moved. */
function blurred(light: Light, across: number, down = across): Light {
  return (x, y) => {
    let sum = 0;
    for (let dx = -across; dx <= across; dx += 1) {
      for (let dy = -down; dy <= down; dy += 1) sum += light(x + dx, y + dy);
    }
    return sum / ((2 * across + 1) * (2 * down + 1));
  };
}

it("nothing is said of a banner that can be read", () => {
  expect(remarkOn(drawn(banner))).toBeUndefined();
  expect(remarkOn(drawn((x, y) => banner(x, y) * 0.5))).toBeUndefined();
  // 1 of 320 points is 5 of the photo's 1,600.
  expect(remarkOn(drawn(blurred(banner, 1, 0)))).toBeUndefined();
});

it("what is out of focus or moved is blurred", () => {
  expect(remarkOn(drawn(blurred(banner, 4)))).toBe("blurred");
  expect(remarkOn(drawn(blurred(banner, 8, 2)))).toBe("blurred");
  expect(remarkOn(drawn(() => 128))).toBe("blurred");
});

it("night is dark, whatever its edges; a lamp on the banner is enough", () => {
  expect(remarkOn(drawn((x, y) => banner(x, y) * 0.15))).toBe("dark");
  expect(remarkOn(drawn(() => 0))).toBe("dark");
  expect(remarkOn(drawn((x, y) => (y < 60 || y > 180 ? 5 : banner(x, y) * 1.1)))).toBeUndefined();
});
