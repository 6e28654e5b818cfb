// Puts the first script and the sheet into the page. Each was a request of its own, and on 3G a round trip of 0.3 s before
// the code can be typed; an update fetches the page in any case. The hub allows what stands in the page by its hash
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
  if (file.type === "chunk") return inside("script", file.code);
  return name.endsWith(".css") ? inside("style", String(file.source)) : null;
}

function inside(element: string, text: string): string {
  if (/<\/|<!--/.test(text)) throw new Error(`Something in the ${element} would end it.`);
  return `<${element}>${text}</${element}>`;
}
