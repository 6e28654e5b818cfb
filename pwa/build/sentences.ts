// The sentences: this app's catalogue, and of the hub's files what is said in the same language. Vietnamese travels in
// the page itself, as data and no script: it comes down the line while the sheet is still asked for. Behind it the
// script: its request then finds the connection free that brought the page, where an earlier one would open its own, a
// round trip later. Together half a second on 3G. English is chosen by few and is a file to be fetched.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";
import { shortened, shortKeys, sourcesOf } from "./keys.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SHARED = ["sync/errors.json", "sync/states.json"];

export function sentences(): Plugin {
  let short: ReadonlyMap<string, string> = new Map();
  /** In the order in which src/i18n/text.ts reads them. */
  const all = (language: string) => {
    const named = Object.entries(read(own(language)) as object).map(([key, text]) => [
      short.get(key) ?? key,
      text,
    ]);
    return [Object.fromEntries(named), ...SHARED.map((name) => said(read(name), language))];
  };
  return {
    name: "loa:sentences",
    apply: "build",
    enforce: "pre",
    transform: (code, id) => (/\.tsx?$/.test(id) ? { code: shortened(code, short), map: null } : null),
    buildStart() {
      short = shortKeys(Object.keys(read(own("vi")) as object), sourcesOf(resolve(ROOT, "pwa/src")));
      for (const name of [own("vi"), own("en"), ...SHARED]) this.addWatchFile(resolve(ROOT, name));
      this.emitFile({ type: "asset", fileName: "en.json", source: JSON.stringify(all("en")) });
    },
    transformIndexHtml: {
      order: "post",
      handler(html) {
        // Whatever a sentence says, it does not end the element it stands in.
        const data = JSON.stringify(all("vi")).replaceAll("<", "\\u003c");
        const [script = ""] = /<script type="module".*<\/script>/.exec(html) ?? [];
        const plain = script.replace('type="module" crossorigin', "defer");
        const last = `<script type="application/json" id="sentences">${data}</script>${plain}</body>`;
        return html.replace(script, "").replace("</body>", () => last);
      },
    },
  };
}

function own(language: string): string {
  return `pwa/src/i18n/${language}.json`;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(resolve(ROOT, name), "utf8"));
}

/** A table of {"vi": …, "en": …}, however deep, with one language in their place. */
function said(table: unknown, language: string): unknown {
  if (table === null || typeof table !== "object") return table;
  if (language in table) return (table as Record<string, unknown>)[language];
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, said(value, language)]));
}
