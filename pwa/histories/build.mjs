// Bundles the phones of the random histories into a folder: host.mjs, app.js, the shipped app without its screens, and worker.js.
//   node pwa/histories/build.mjs FOLDER [FAULTS]
// FAULTS is JSON, [[file below src, text, text in its place], ...]: a rule that is broken on purpose. A text that is not there
// exactly once breaks the build, so that no fault is planted in vain.
import { relative, resolve } from "node:path";
import { build } from "vite";

const HERE = import.meta.dirname;
const [folder, faults = "[]"] = process.argv.slice(2);
const planted = new Map();
for (const [file, text, other] of JSON.parse(faults))
  planted.set(file, [...(planted.get(file) ?? []), [text, other]]);

const broken = {
  name: "loa:broken",
  enforce: "pre",
  transform(code, id) {
    const file = relative(resolve(HERE, "../src"), id.split("?")[0]);
    const all = planted.get(file);
    if (!all) return undefined;
    missed.delete(file);
    return all.reduce((source, [text, other]) => {
      if (source.split(text).length !== 2) throw new Error(`${file} has not once: ${text}`);
      return source.replace(text, () => other);
    }, code);
  },
  buildEnd() {
    if (this.environment.name === "ssr" && missed.size > 0 && entry === "acts")
      throw new Error(`no ${[...missed]}`);
  },
};

let entry = "";
let missed = new Set();
for (const [name, file, format] of [
  ["acts", "app.js", "cjs"],
  ["worker", "worker.js", "cjs"],
  ["host", "host.mjs", "es"],
]) {
  entry = name;
  missed = new Set(planted.keys());
  await build({
    configFile: false,
    root: resolve(HERE, ".."),
    base: "/app/",
    publicDir: false,
    logLevel: "warn",
    plugins: [broken],
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    ssr: { noExternal: true },
    build: {
      ssr: resolve(HERE, `${name}.ts`),
      outDir: resolve(folder),
      emptyOutDir: false,
      minify: false,
      target: "node20",
      rolldownOptions: { output: { format, entryFileNames: file, codeSplitting: false } },
    },
  });
}
