// A later chunk is loaded by a plain import(). Vite's helper (700 bytes) preloads styles and shared chunks of later
// chunks; this app has one stylesheet and one later chunk, so there is nothing for it to do.
import type { Plugin } from "vite";

export function plainImports(): Plugin {
  return {
    name: "loa:plain-imports",
    apply: "build",
    enforce: "pre",
    load(id) {
      return id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : null;
    },
  };
}
