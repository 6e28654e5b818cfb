// The sentences: this app's catalogue, and of the server's files what is said in the same language. Vietnamese travels in
// the page itself, as data and no script; English is chosen by few and is a file to be fetched.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

const ROOT = resolve(import.meta.dirname, "../..");
const SHARED = ["sync/errors.json", "sync/states.json"];

export function sentences(): Plugin {
  return {
    name: "loa:sentences",
    apply: "build",
    buildStart() {
      for (const name of [own("vi"), own("en"), ...SHARED]) this.addWatchFile(resolve(ROOT, name));
      this.emitFile({ type: "asset", fileName: "en.json", source: JSON.stringify(all("en")) });
    },
    transformIndexHtml() {
      // Whatever a sentence says, it does not end the element it stands in.
      const children = JSON.stringify(all("vi")).replaceAll("<", "\\u003c");
      const attrs = { type: "application/json", id: "sentences" };
      return [{ tag: "script", attrs, children, injectTo: "body" }];
    },
  };
}

/** In the order in which src/i18n/text.ts reads them. */
function all(language: string): unknown[] {
  return [read(own(language)), ...SHARED.map((name) => said(read(name), language))];
}

function own(language: string): string {
  return `pwa/src/i18n/${language}.json`;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(resolve(ROOT, name), "utf8"));
}

/** A table of {"vi": …, "en": …}, however deep, with one language in their place; without what only the desk says. */
function said(table: unknown, language: string): unknown {
  if (table === null || typeof table !== "object") return table;
  if (language in table) return (table as Record<string, unknown>)[language];
  const mine = Object.entries(table).filter(([, value]) => value?.at !== "desk");
  return Object.fromEntries(mine.map(([name, value]) => [name, said(value, language)]));
}
