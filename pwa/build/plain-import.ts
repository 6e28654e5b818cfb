// An import() as the browser has it. Vite puts its own loader around each, 700 bytes that fetch sheets and other scripts
// first; the one script that is imported so has none.
import type { Plugin } from "vite";

const LOADER = "\0vite/preload-helper.js";

export function plainImport(): Plugin {
  return {
    name: "loa:plain-import",
    apply: "build",
    enforce: "pre",
    load: (id) => (id === LOADER ? "export const __vitePreload = (load) => load();" : null),
  };
}
