// Puts the sheet into the page: a request of its own would hold up the first screen by a round trip, on 3G 0.3 s. The server
// allows it by its hash (server/pwa.py), so the policy stays as strict as for files. The script is a file: it is asked for
// before the page is here as a whole, read while it comes, and kept as the browser translated it, so that a start without
// a network reads no script at all.
import type { Plugin } from "vite";

export function inPage(): Plugin {
  return {
    name: "loa:in-page",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const page = bundle["index.html"];
        if (page?.type !== "asset") throw new Error("There is no page.");
        let html = String(page.source);
        for (const [name, file] of Object.entries(bundle)) {
          if (file.type !== "asset" || !name.endsWith(".css")) continue;
          const tags = new RegExp(`<link[^>]*/${name}"[^>]*>`, "g");
          if (html.match(tags)?.length !== 1) throw new Error(`${name} is not in the page once.`);
          html = html.replace(tags, () => `<style>${checked(name, String(file.source))}</style>`);
          delete bundle[name];
        }
        page.source = html;
      },
    },
  };
}

/** Throws where a text would end the element it stands in. */
function checked(name: string, text: string): string {
  if (/<\/style|<!--/i.test(text)) throw new Error(`${name} would end its element in the page.`);
  return text;
}
