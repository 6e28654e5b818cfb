// The phone app: one page under /app/, old phones included, nothing that is not needed to start without a network.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { classes } from "./build/classes.ts";
import { elements, oxc } from "./build/elements.ts";
import { inPage } from "./build/in-page.ts";
import { packed } from "./build/packed.ts";
import { plainImport } from "./build/plain-import.ts";
import { sentences } from "./build/sentences.ts";
import { tokens } from "./build/tokens.ts";
import { twoScripts } from "./build/two-scripts.ts";
import { serviceWorker } from "./build/worker.ts";

export default defineConfig({
  base: "/app/",
  oxc,
  plugins: [
    classes(resolve(import.meta.dirname, "src"), resolve(import.meta.dirname, "src/ui/look")),
    tokens(resolve(import.meta.dirname, "src/ui/tokens.css")),
    elements(),
    plainImport(),
    sentences(),
    twoScripts(
      resolve(import.meta.dirname, "src/main.tsx"),
      resolve(import.meta.dirname, "src/screens/others.ts"),
    ),
    inPage(),
    serviceWorker(resolve(import.meta.dirname, "src/sw.ts")),
    packed(),
  ],
  build: {
    outDir: "dist",
    // build/two-scripts.ts does it.
    rolldownOptions: { output: { minify: false } },
    cssMinify: true,
    // The floor stated in the docs: an old office Chrome, and the first iOS that can hold our data.
    target: ["chrome109", "safari15.4"],
    // What is imported with ?url is a file of its own, fetched and cached, never in the script.
    assetsInlineLimit: 0,
    // The one other script is asked for by the first; one sheet serves both.
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: true,
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts"],
    environment: "node",
  },
});
