// The desk's few built scripts, into the folder that Flask serves them from. No names with hashes: its pages name them.
import { resolve } from "node:path";
import { defineConfig } from "vite";

export default defineConfig({
  root: resolve(import.meta.dirname, "desk"),
  base: "./",
  publicDir: false,
  // The package's main file is for browsers of before modules.
  resolve: {
    alias: {
      "leaflet/dist/leaflet.css": "leaflet/dist/leaflet.css",
      leaflet: "leaflet/dist/leaflet-src.esm.js",
    },
  },
  build: {
    outDir: resolve(import.meta.dirname, "../server/desk/static/built"),
    emptyOutDir: true,
    target: ["chrome109", "safari15.4"],
    assetsInlineLimit: 0,
    modulePreload: false,
    cssCodeSplit: true,
    rollupOptions: {
      input: { map: resolve(import.meta.dirname, "desk/map.ts") },
      output: { entryFileNames: "[name].js", chunkFileNames: "[name].js", assetFileNames: "[name][extname]" },
    },
  },
});
