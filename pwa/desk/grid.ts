// Points on a screen, put together where they are close: a square of the grid is one point with their number.

/** [latitude, longitude, record id, label, number of the unit, state], as the server sends it. */
export type Point = readonly [number, number, string, string, number, string];

export interface Cluster {
  readonly lat: number;
  readonly lon: number;
  readonly points: readonly Point[];
}

/** Width of a square in pixels; a point to press is 44. */
export const SQUARE = 56;

/** World width at zoom 0 in pixels, as every web map has it. */
const WORLD = 256;

/** The place of a point on the world's square at this zoom, in pixels (Web Mercator). */
export function pixel(lat: number, lon: number, zoom: number): [number, number] {
  const size = WORLD * 2 ** zoom;
  const bounded = Math.max(-85, Math.min(85, lat));
  const sine = Math.sin((bounded * Math.PI) / 180);
  const y = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return [((lon + 180) / 360) * size, y * size];
}

/** The points of each square that has some, at their middle. The order of the points does not matter. */
export function clusters(points: readonly Point[], zoom: number): Cluster[] {
  const squares = new Map<string, Point[]>();
  for (const point of points) {
    const [x, y] = pixel(point[0], point[1], zoom);
    const square = `${Math.floor(x / SQUARE)} ${Math.floor(y / SQUARE)}`;
    const there = squares.get(square);
    if (there) there.push(point);
    else squares.set(square, [point]);
  }
  return [...squares.values()].map((those) => ({ ...middle(those), points: those }));
}

/** The middle of some points. */
export function middle(points: readonly Point[]): { lat: number; lon: number } {
  const sum = points.reduce((at, point) => ({ lat: at.lat + point[0], lon: at.lon + point[1] }), {
    lat: 0,
    lon: 0,
  });
  return { lat: sum.lat / points.length, lon: sum.lon / points.length };
}

/** A name on the map, with its place in pixels. */
export interface Name {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** Pixels that a letter is wide, and a line high. */
const LETTER = 8.5;
const LINE = 20;

/** Those of the names that can be read beside each other; of two that overlap, the first. */
export function apart<T extends Name>(names: readonly T[]): T[] {
  const kept: T[] = [];
  for (const each of names) {
    const overlaps = kept.some(
      (other) =>
        Math.abs(other.x - each.x) < ((other.name.length + each.name.length) * LETTER) / 2 &&
        Math.abs(other.y - each.y) < LINE,
    );
    if (!overlaps) kept.push(each);
  }
  return kept;
}
