// Emits dist/sw.js: src/worker/service-worker.ts as one classic script that knows what the build holds; and dist/sw-retire.js beside it,
// which the server may serve under that name instead (src/worker/retire.ts).
// A service worker must be one file under an unchanging name, and the list it precaches exists only when all else is
// built; so it is bundled last, in a build of its own, with the list put in as constants.
import { resolve } from "node:path";
import { build, type Plugin, type ResolvedConfig } from "vite";
import { copied, precache } from "./precache.ts";

/** In service-worker.ts: `declare const __VERSION__: string; declare const __FILES__: readonly string[];` */
export function serviceWorker(entry: string): Plugin {
  let config: ResolvedConfig;
  return {
    name: "loa:service-worker",
    apply: "build",
    enforce: "post",
    configResolved(resolved) {
      config = resolved;
    },
    buildStart() {
      this.addWatchFile(entry);
    },
    generateBundle: {
      // When the page holds what it will hold (in-page.ts).
      order: "post",
      async handler(_options, bundle) {
        const built = new Map<string, Uint8Array | string>(copied(config.publicDir));
        for (const [name, file] of Object.entries(bundle)) {
          built.set(name, file.type === "chunk" ? file.code : file.source);
        }
        const { version, files } = precache(built);
        const constants = { __VERSION__: JSON.stringify(version), __FILES__: JSON.stringify(files) };
        const retire = resolve(entry, "../retire.ts");
        for (const [fileName, source] of [
          ["sw.js", await bundled(entry, constants, config)],
          ["sw-retire.js", await bundled(retire, {}, config)],
        ] as const) {
          this.emitFile({ type: "asset", fileName, source });
        }
      },
    },
  };
}

async function bundled(
  entry: string,
  define: Record<string, string>,
  config: ResolvedConfig,
): Promise<string> {
  const result = await build({
    configFile: false,
    publicDir: false,
    root: config.root,
    base: config.base,
    logLevel: "warn",
    define,
    build: {
      write: false,
      target: config.build.target,
      minify: config.build.minify,
      rolldownOptions: { input: entry, output: { format: "iife" } },
    },
  });
  const chunk = "output" in result ? result.output[0] : undefined;
  if (chunk === undefined) throw new Error("The service worker was not built.");
  return chunk.code;
}
