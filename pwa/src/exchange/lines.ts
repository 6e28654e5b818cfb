// An answer as lines (SPEC X-19): its head and its blocks, each as soon as its last line is here. What stands behind
// the last block when the line is cut is not passed on, nor a line that this app does not know.
import type { Block, Change, Head } from "./protocol";

export async function* blocks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Head | Block> {
  const decoder = new TextDecoder();
  let rest = "";
  let changes: Change[] = [];
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const said = JSON.parse(line);
      if (said.record) changes.push(said);
      else if (said.results) yield said;
      else if (said.cursors) {
        yield { ...said, changes };
        changes = [];
      }
    }
  }
}
