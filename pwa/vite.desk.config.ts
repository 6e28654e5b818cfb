// The desk's map (server/desk/map/), into the folder that Flask serves it from. No names with hashes: its pages name it. The tools and
// the locked packages are this folder's, so that there is one lock.
import { resolve } from "node:path";
import { defineConfig } from "vite";

const MAP = resolve(import.meta.dirname, "../server/desk/map");
const LEAFLET = resolve(import.meta.dirname, "node_modules/leaflet");

export default defineConfig({
  root: MAP,
  base: "./",
  publicDir: false,
  // The package's main file is for browsers of before modules.
  resolve: {
    alias: {
      "leaflet/dist/leaflet.css": `${LEAFLET}/dist/leaflet.css`,
      leaflet: `${LEAFLET}/dist/leaflet-src.esm.js`,
    },
  },
  build: {
    outDir: resolve(import.meta.dirname, "../server/desk/static/built"),
    emptyOutDir: true,
    target: ["chrome109", "safari15.4"],
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: true,
    license: { fileName: "third-party.md" },
    rollupOptions: {
      input: { map: resolve(MAP, "map.ts") },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
