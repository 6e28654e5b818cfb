// The cases of sync/vectors/stream.json, cut up as a line cuts them: anywhere, in the middle of a letter too.
import { readFileSync } from "node:fs";
import { expect, test as it } from "vitest";
import type { Block, Head } from "./protocol";
import { blocks } from "./protocol";

interface Case {
  readonly name: string;
  readonly lines: readonly object[];
  readonly tail: string;
  readonly head: boolean;
  readonly blocks: readonly { readonly records: readonly string[]; readonly position: number }[];
  readonly ended: boolean;
}

const VECTORS = new URL("../../../sync/vectors/stream.json", import.meta.url);
const { cases }: { cases: Case[] } = JSON.parse(readFileSync(VECTORS, "utf-8"));

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size));
}

async function read(text: string, size: number): Promise<(Head | Block)[]> {
  const got: (Head | Block)[] = [];
  for await (const piece of blocks(inPieces(text, size))) got.push(piece);
  return got;
}

it.each(cases)("$name", async (row) => {
  const text = row.lines.map((line) => `${JSON.stringify(line)}\n`).join("") + row.tail;
  for (const size of [1, 7, text.length + 1]) {
    const got = await read(text, size);
    const taken = got.filter((piece) => "changes" in piece);
    expect(got.some((piece) => "results" in piece)).toBe(row.head);
    expect(
      taken.map(({ changes, cursors }) => ({
        records: changes.map((change) => change.record),
        position: cursors[0]?.position,
      })),
    ).toEqual(row.blocks);
    expect(taken.some((block) => block.more === false)).toBe(row.ended);
  }
});

it("a letter of several bytes may come in two pieces", async () => {
  const line = `${JSON.stringify({ record: "a", writes: [{ set: { note: "băng rôn ở Đình Cao" } }] })}\n`;
  const [block] = await read(`${line}{"cursors":[]}\n`, 1);
  expect(block).toMatchObject({ changes: [JSON.parse(line)], cursors: [] });
});
