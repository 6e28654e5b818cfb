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

/**
 * Pixels between the middles of two points to press, across or down, at least; less than SQUARE. Of a record's point of
 * 26 pixels beside one of 44 then 26 are free, and WCAG 2.2 asks for 24.
 */
export const APART = 36;

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

/**
 * The points of each square that has some, at their middle; squares whose middles are closer than APART are one. So no
 * point to press covers another. The order of the points does not matter.
 */
export function clusters(points: readonly Point[], zoom: number): Cluster[] {
  const squares = new Map<string, Point[]>();
  for (const point of points) {
    const square = squareOf(point[0], point[1], zoom);
    const there = squares.get(square);
    if (there) there.push(point);
    else squares.set(square, [point]);
  }
  let found = [...squares.keys()].sort().map((each) => together(squares.get(each) ?? []));
  for (;;) {
    const joined = joinNear(found, zoom);
    if (joined.length === found.length) return joined;
    found = joined;
  }
}

function together(points: readonly Point[]): Cluster {
  return { ...middle(points), points };
}

function squareOf(lat: number, lon: number, zoom: number, right = 0, down = 0): string {
  const [x, y] = pixel(lat, lon, zoom);
  return `${Math.floor(x / SQUARE) + right} ${Math.floor(y / SQUARE) + down}`;
}

/** Join each with one before it that is too close; that one is in its square or beside it. */
function joinNear(found: readonly Cluster[], zoom: number): Cluster[] {
  const kept = new Map<string, Cluster[]>();
  for (const each of found) {
    const near = around(each, zoom)
      .flatMap((square) => kept.get(square) ?? [])
      .find((other) => isClose(each, other, zoom));
    const square = squareOf((near ?? each).lat, (near ?? each).lon, zoom);
    const there = (kept.get(square) ?? []).filter((other) => other !== near);
    const one = near ? together([...near.points, ...each.points]) : each;
    kept.set(square, there);
    const at = squareOf(one.lat, one.lon, zoom);
    kept.set(at, [...(kept.get(at) ?? []), one]);
  }
  return [...kept.values()].flat();
}

function around(each: Cluster, zoom: number): string[] {
  const steps = [-1, 0, 1];
  return steps.flatMap((right) => steps.map((down) => squareOf(each.lat, each.lon, zoom, right, down)));
}

function isClose(one: Cluster, other: Cluster, zoom: number): boolean {
  const [x, y] = pixel(one.lat, one.lon, zoom);
  const [otherX, otherY] = pixel(other.lat, other.lon, zoom);
  return Math.max(Math.abs(x - otherX), Math.abs(y - otherY)) < APART;
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
