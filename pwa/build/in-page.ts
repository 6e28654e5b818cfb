// Puts the script and the sheet into the page. Each was a request of its own, and on 3G a round trip of 0.3 s before the
// code can be typed; an update fetches the page in any case. The server allows what stands in the page by its hash
// (server/pwa.py), so the policy stays as strict as for files.
import type { Plugin, Rolldown } from "vite";

export function inPage(): Plugin {
  return {
    name: "loa:in-page",
    apply: "build",
    enforce: "post",
    generateBundle: {
      // Behind the builder's own, which finishes the script.
      order: "post",
      handler(_options, bundle) {
        const page = bundle["index.html"];
        if (page?.type !== "asset") throw new Error("There is no page.");
        let html = String(page.source);
        for (const [name, file] of Object.entries(bundle)) {
          const element = elementOf(name, file);
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

function elementOf(name: string, file: Rolldown.OutputChunk | Rolldown.OutputAsset): string | null {
  if (file.type === "chunk") return `<script type="module">${checked(name, file.code)}</script>`;
  return name.endsWith(".css") ? `<style>${checked(name, String(file.source))}</style>` : null;
}

/** Throws where a text would end the element it stands in. */
function checked(name: string, text: string): string {
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${name} would end its element in the page.`);
  return text;
}
