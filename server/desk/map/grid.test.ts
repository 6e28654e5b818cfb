import { describe, expect, it } from "vitest";
import { APART, apart, clusters, type Point, pixel } from "./grid.ts";

const at = (lat: number, lon: number, id: string): Point => [lat, lon, id, id, 0, "waiting"];

describe("points on a grid", () => {
  const points = [at(20.65, 106.05, "a"), at(20.6501, 106.0501, "b"), at(21.03, 105.85, "c")];

  it("keeps every point once, whatever the zoom", () => {
    for (const zoom of [0, 5, 10, 15, 19]) {
      const ids = clusters(points, zoom).flatMap((each) => each.points.map((point) => point[2]));
      expect(ids.sort()).toEqual(["a", "b", "c"]);
    }
  });

  it("puts neighbours together from afar, and parts them near by", () => {
    expect(clusters(points, 4)).toHaveLength(1);
    expect(
      clusters(points, 12)
        .map((each) => each.points.length)
        .sort(),
    ).toEqual([1, 2]);
    expect(clusters(points, 19)).toHaveLength(3);
  });

  it("leaves no two closer than a finger can part, also across the line between two squares", () => {
    const scattered = Array.from({ length: 400 }, (_, nth) =>
      at(20.5 + ((nth * 37) % 211) / 900, 106 + ((nth * 53) % 197) / 900, `p${nth}`),
    );
    for (const zoom of [8, 10, 11, 12, 13, 15]) {
      const found = clusters(scattered, zoom);
      expect(found.flatMap((each) => each.points)).toHaveLength(400);
      const places = found.map((each) => pixel(each.lat, each.lon, zoom));
      const near = places.filter(([x, y], nth) =>
        places.some(
          ([otherX, otherY], other) =>
            other !== nth && Math.max(Math.abs(x - otherX), Math.abs(y - otherY)) < APART,
        ),
      );
      expect(near).toEqual([]);
    }
  });

  it("has the middle of the world in the middle, and bounds the poles", () => {
    expect(pixel(0, 0, 0)).toEqual([128, 128]);
    expect(pixel(90, 180, 0)[1]).toBeGreaterThanOrEqual(0);
  });

  it("leaves out names that would stand on others", () => {
    const name = (text: string, x: number, y: number) => ({ name: text, x, y });
    const first = name("Chính Nghĩa", 100, 100);
    const beside = name("Phạm Ngũ Lão", 250, 100);
    const below = name("Ngọc Thanh", 100, 125);
    const upon = name("Vĩnh Xá", 130, 110);
    expect(apart([first, beside, below, upon])).toEqual([first, beside, below]);
    expect(apart([upon, first])).toEqual([upon]);
  });
});
