// What of a dependency no tree shaking can see and no screen uses.
import type { Plugin } from "vite";

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
