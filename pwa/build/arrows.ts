// Functions of a script become arrows, which leaves out `function` and many a `return`: 150 bytes of gzip. They stand
// before all else then, for an arrow is there only from its line on. Not those that an arrow cannot stand for: which
// yield, are made with `new`, or say `this`.
import { parseAst } from "vite";

const NO_ARROW = /\b(this|arguments|yield)\b/;

export function arrows(code: string): string {
  const made = new Set([...code.matchAll(/\bnew ([\w$]+)/g)].map(([, name]) => name));
  const first: string[] = [];
  const rest: string[] = [];
  for (const part of parseAst(code).body) {
    const text = code.slice(part.start, part.end);
    const kept = part.type !== "FunctionDeclaration" || part.generator || NO_ARROW.test(text);
    if (kept || !part.body || made.has(part.id?.name)) rest.push(text);
    else {
      const parameters = text.slice(text.indexOf("("), part.body.start - part.start);
      first.push(
        `${part.id?.name}=${part.async ? "async" : ""}${parameters}=>${code.slice(part.body.start, part.end)}`,
      );
    }
  }
  return [...(first.length > 0 ? [`let ${first.join(",")};`] : []), ...rest].join("\n");
}
