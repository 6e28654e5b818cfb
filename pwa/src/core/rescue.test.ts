// The server's tests read the same vectors (SPEC ).
import { readFileSync } from "node:fs";
import { expect, test as it } from "vitest";
import { type Header, type Piece, parts, sealed } from "./rescue";

interface Case {
  readonly name: string;
  readonly key: string;
  readonly header: Header;
  readonly blocks: readonly (readonly [string, string])[];
  readonly file: string;
}

const VECTORS = new URL("../../../sync/vectors/rescue.json", import.meta.url);
const { cases }: { cases: readonly Case[] } = JSON.parse(readFileSync(VECTORS, "utf-8"));

it.each(cases)("rescue file: $name", async ({ key, header, blocks, file }) => {
  const { start, seal } = await sealed(key, header);
  const made: BlobPart[] = [start];
  for (const [kind, contents] of blocks) made.push(await seal(kind, Buffer.from(contents, "base64")));
  expect(Buffer.from(await new Blob(made).arrayBuffer()).toString("base64")).toBe(file);
});

const photo: Piece = { bytes: 1_000_000, writes: 0 };

//
it("R-4: a file more where one would pass 200 MiB, 20,000 writes or 10,000 blocks; nothing is lost or moved", () => {
  const many = Array.from({ length: 500 }, (_, at) => ({ ...photo, at }));
  expect(parts(many).map((file) => file.length)).toEqual([209, 209, 82]);
  expect(parts(many).flat()).toEqual(many);
  expect(parts(Array(201).fill({ bytes: 9, writes: 100 })).map((file) => file.length)).toEqual([200, 1]);
  expect(parts(Array(10_000).fill({ bytes: 9, writes: 0 })).map((file) => file.length)).toEqual([9_999, 1]);
  expect(parts([])).toEqual([]);
});
