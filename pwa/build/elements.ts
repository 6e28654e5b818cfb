// JSX becomes h(type, props, child, child …): 100 bytes of gzip less than the newer form, which names the children.
// That one needs no import; so here it is added, at the end, where it moves no line.
import type { Plugin } from "vite";

export const oxc = { jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" } } as const;

export function elements(): Plugin {
  return {
    name: "loa:elements",
    enforce: "pre",
    transform(code, id) {
      return id.endsWith(".tsx") ? `${code}\nimport { Fragment, h } from "#view/jsx-runtime";\n` : null;
    },
  };
}
