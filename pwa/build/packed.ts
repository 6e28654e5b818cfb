// Writes a .br and a .gz beside every file that text can be pressed out of: the server sends what the phone accepts,
// and nobody presses anything while a phone on 2G waits. The .gz is made by zopfli, which takes its time once and gives
// 3 % fewer bytes of the same format than gzip does.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { gzipAsync } from "@gfx/zopfli";
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
    async closeBundle() {
      for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
        if (entry.isFile() && TEXT.test(entry.name)) await pack(join(entry.parentPath, entry.name));
      }
    },
  };
}

async function pack(path: string): Promise<void> {
  const plain = readFileSync(path);
  const copies = { br: brotliCompressSync(plain, BROTLI), gz: await gzipAsync(plain, { numiterations: 15 }) };
  for (const [ending, copy] of Object.entries(copies)) {
    if (copy.length < plain.length) writeFileSync(`${path}.${ending}`, copy);
  }
}
