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

// idb ends with `for await` over cursors, 400 bytes that no screen of this app uses and no tree shaking can see.
const ITERATION = /^const advanceMethodProps = [\s\S]*(?=^export \{)/m;

export function plainCursors(): Plugin {
  return {
    name: "loa:plain-cursors",
    apply: "build",
    transform(code, id) {
      if (!id.endsWith("idb/build/index.js")) return null;
      if (!ITERATION.test(code)) throw new Error("Another idb: see what of it is needed.");
      return { code: code.replace(ITERATION, ""), map: null };
    },
  };
}
