// Beside each text of the build its copies as they are sent, .br and .gz: the server compresses nothing (server/pwa.py).
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|html|json|svg|webmanifest)$/;
const BROTLI = {
  params: {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
  },
};

/** Runs when everything is on disk, the copied folder too. A copy that is not smaller is not written. */
export function packed(): Plugin {
  let folder = "";
  return {
    name: "loa:packed",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
        if (entry.isFile() && TEXT.test(entry.name)) pack(join(entry.parentPath, entry.name));
      }
    },
  };
}

function pack(path: string): void {
  const plain = readFileSync(path);
  const copies = { br: brotliCompressSync(plain, BROTLI), gz: gzipSync(plain, { level: 9 }) };
  for (const [ending, copy] of Object.entries(copies)) {
    if (copy.length < plain.length) writeFileSync(`${path}.${ending}`, copy);
  }
}
