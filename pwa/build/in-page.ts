// Puts the script and the sheet into the page. Each was a request of its own, and on 3G a round trip of 0.3 s before the
// code can be typed; an update fetches the page in any case. The server allows what stands in the page by its hash
// (server/pwa.py), so the policy stays as strict as for files.
// What is imported when it is needed stays a file. It cannot import the script in the page, which has no address: the
// script leaves what such files need of it in a variable, and they take it from there.
import { dirname } from "node:path/posix";
import type { Plugin, Rolldown } from "vite";

const SHARED = "globalThis.loaShared";
const PRELOADING = "vite/preload-helper";
const EXPORTS = /export\s*\{([^}]*)\};?\s*$/;

export function inPage(): Plugin {
  let base = "/";
  return {
    name: "loa:in-page",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      base = config.base;
    },
    // There is nothing to fetch before such a file, so the builder's own way of doing that (1 kB) is not needed.
    resolveId: (id) => (id.includes(PRELOADING) ? id : null),
    load: (id) => (id.includes(PRELOADING) ? "export const __vitePreload = (load) => load();" : null),
    generateBundle: {
      // Behind the builder's own, which finishes the script.
      order: "post",
      handler(_options, bundle) {
        const page = bundle["index.html"];
        if (page?.type !== "asset") throw new Error("There is no page.");
        let html = String(page.source);
        const inScript = Object.keys(bundle).filter((name) => isScript(bundle[name]));
        for (const [name, file] of Object.entries(bundle)) {
          if (file.type === "chunk" && !isScript(file)) {
            file.code = importing(file.code, inScript);
            continue;
          }
          const element = elementOf(name, file, base);
          if (!element) continue;
          const tags = new RegExp(`<(script|link)[^>]*/${name}"[^>]*>(</script>)?`, "g");
          if (html.match(tags)?.length !== 1) throw new Error(`${name} is not in the page once.`);
          html = html.replace(tags, () => element);
          delete bundle[name];
        }
        page.source = html;
      },
    },
  };
}

function elementOf(
  name: string,
  file: Rolldown.OutputChunk | Rolldown.OutputAsset,
  base: string,
): string | null {
  if (file.type === "chunk") {
    const code = exporting(file.code, `${base}${dirname(name)}/`);
    return `<script type="module">${checked(name, code)}</script>`;
  }
  return name.endsWith(".css") ? `<style>${checked(name, String(file.source))}</style>` : null;
}

/** The script in the page: its exports in the variable, the files that it imports by their whole addresses. */
export function exporting(code: string, folder: string): string {
  const shared = code.replace(EXPORTS, (_, names: string) => {
    const all = pairs(names).map(([own, given]) => `${given}:${own}`);
    return `${SHARED}={${all.join(",")}};`;
  });
  return shared.replace(/\bimport\((["'`])\.\/(.*?)\1\)/g, (_, _quote, file) => `import("${folder}${file}")`);
}

/** A file that is imported when it is needed: what it takes of the script comes from the variable. */
export function importing(code: string, scripts: readonly string[]): string {
  const taking = /import\s*\{([^}]*)\}\s*from\s*(["'])\.\/([^"']*)\2;?/g;
  return code.replace(taking, (_, names: string, _quote, file: string) => {
    if (!scripts.includes(`assets/${file}`)) throw new Error(`${file} is not in the page.`);
    return `const{${pairs(names)
      .map(([given, own]) => `${given}:${own}`)
      .join(",")}}=${SHARED};`;
  });
}

function isScript(file: Rolldown.OutputChunk | Rolldown.OutputAsset | undefined): boolean {
  return file?.type === "chunk" && file.isEntry;
}

/** `a as b, c` as [a, b], [c, c]. */
function pairs(names: string): (readonly [string, string])[] {
  return names.split(",").map((one) => {
    const [from = "", to = from] = one.trim().split(/\s+as\s+/);
    return [from, to] as const;
  });
}

/** Throws where a text would end the element it stands in. */
function checked(name: string, text: string): string {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${name} would end its element in the page.`);
  return text;
}
