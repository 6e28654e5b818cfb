// What the second script takes from the first, handed over as one list instead of two lists of names: 370 bytes of gzip.
// The list is written when the first script has run, so nothing in it may change later: no module exports a `let`.
import type { Plugin, Rolldown } from "vite";

const GIVEN = /export\{([^}]*)\};?/;
const TAKEN = /import\{([^}]*)\}from("\.\/index-[^"]*");?/;

export function handed(): Plugin {
  return {
    name: "loa:handed",
    apply: "build",
    enforce: "post",
    transform(code, id) {
      if (/^export let /m.test(code)) throw new Error(`${id} exports a let.`);
      return null;
    },
    generateBundle(_options, bundle) {
      const scripts = Object.values(bundle).filter(
        (one): one is Rolldown.OutputChunk => one.type === "chunk",
      );
      const first = scripts.find((one) => one.isEntry);
      const given = names(first?.code.match(GIVEN)?.[1]);
      if (!first || given.length === 0) return;
      for (const script of scripts) {
        const taken = new Map(names(script.code.match(TAKEN)?.[1]));
        if (taken.size === 0) continue;
        const list = given.map(([, name]) => taken.get(name) ?? "");
        script.code = script.code.replace(
          TAKEN,
          (_all, _names, from) => `import{_given}from${from};const[${list}]=_given;`,
        );
      }
      first.code = first.code.replace(GIVEN, `export const _given=[${given.map(([own]) => own)}];`);
    },
  };
}

/** `a as b, c` as pairs of what stands before and behind. */
function names(list = ""): [string, string][] {
  return list.split(",").flatMap((one): [string, string][] => {
    const [, own, name = own] = one.match(/^\s*([\w$]+)(?: as ([\w$]+))?\s*$/) ?? [];
    return own && name ? [[own, name]] : [];
  });
}
