// The app as two scripts in one scope: what the first declares, the second names as it is. Nothing is exported and
// imported, which took two lists of a hundred names, 350 bytes of gzip. For that both are bundled and made short as one
// script, and cut in two. The first is a plain script, as only such a one declares for others. The second is a module, so
// import() waits for it and gives what it hands out; of the first it may use nothing before it is asked for something,
// being the photo worker too, where the first is not.
import { Script } from "node:vm";
import { minify as fold } from "terser";
import { minify, type Plugin } from "vite";
import { arrows } from "./arrows.ts";

const BOTH = "\0both";
const CUT = "\0cut";
/** A statement that no code of the app has, and that nothing is moved over. */
const BETWEEN = "debugger;";
const FROM_FIRST = "others.js";

export function twoScripts(first: string, second: string): Plugin {
  let base = "/";
  return {
    name: "loa:two-scripts",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      base = config.base;
    },
    resolveId: {
      order: "pre",
      handler(id, importer, { kind }) {
        if (id === CUT || id === BOTH) return id;
        if (kind === "dynamic-import") return { id: FROM_FIRST, external: true };
        return importer?.endsWith("index.html") && first.endsWith(id) ? BOTH : null;
      },
    },
    load(id) {
      if (id === CUT) return { code: BETWEEN, moduleSideEffects: true };
      return id === BOTH
        ? `import "${first}"; import "${CUT}"; import all from "${second}"; HAND_OUT(all);`
        : null;
    },
    async renderChunk(code) {
      const [early, late] = cut(await folded(code)).map(arrows);
      // In a block: names of the first that the second has no use for may stand for something else there.
      return { code: await short(`${early}${BETWEEN}{${late}}`), map: null };
    },
    generateBundle(_options, bundle) {
      const [both, ...more] = Object.values(bundle).filter((one) => one.type === "chunk");
      if (!both || more.length > 0) throw new Error("The app is to be one script before it is cut.");
      const [early, late] = cut(both.code);
      const fileName = both.fileName.replace("index", "others");
      both.code = `"use strict";${early.replace(FROM_FIRST, `${base}${fileName}`)}`;
      new Script(both.code);
      const source = late.replace(/^\{(.*)\}$/s, "$1").replace("HAND_OUT", "export default");
      this.emitFile({ type: "asset", fileName, source });
    },
  };
}

/** In two, where both are to be cut; anywhere else, or nowhere, would be seen on a phone only. */
export function cut(code: string): [string, string] {
  const [early = "", late, ...more] = code.split(BETWEEN);
  if (late !== undefined && more.length === 0) return [early, late];
  throw new Error(
    `The script is to have one "${BETWEEN}", where it is cut in two, and has ${late === undefined ? "none" : "more"}.`,
  );
}

/** What is used once stands in the place of its use, which the other leaves: 300 bytes of gzip. */
async function folded(code: string): Promise<string> {
  // Unsafe where a function is made with `new`, or built-in ones were replaced: neither is done here.
  const unsafe = { unsafe: true, unsafe_arrows: true, unsafe_methods: true };
  const compress = { passes: 3, inline: 1, drop_debugger: false, ...unsafe };
  const done = await fold(code, {
    module: true,
    ecma: 2020,
    mangle: false,
    compress,
    format: { comments: false },
  });
  return done.code ?? "";
}

/** The builder's own, which gives short names too. It would do so without being asked, and drop the cut. */
async function short(code: string): Promise<string> {
  const compress = { target: "chrome109", dropDebugger: false };
  const done = await minify("both.js", code, { module: true, compress, mangle: { toplevel: true } });
  return done.code;
}
