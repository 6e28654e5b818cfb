// The phone app: one page under /app/, old phones included, nothing that is not needed to start without a network.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { inPage } from "./build/in-page.ts";
import { packed } from "./build/packed.ts";
import { sentences } from "./build/sentences.ts";
import { serviceWorker } from "./build/worker.ts";

const FILES = ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts", "../server/desk/map/*.test.ts"];
// Files that share a process take half the processor. These look at what a page has one of: its officers, its clock, its tray.
const OWN = ["src/{officers,outbox,photos,worker}/*.test.ts"];

/** Vite's helper for `import()` fetches sheets and modules beforehand, and there are none of either (below): 600 bytes of the first load. */
const plainImports = {
  name: "loa:plain-imports",
  enforce: "pre",
  load: (id: string) =>
    id.includes("vite/preload-helper") ? "export const __vitePreload = (load) => load();" : undefined,
} as const;

export default defineConfig({
  base: "/app/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [
    plainImports,
    sentences(),
    inPage(),
    serviceWorker(resolve(import.meta.dirname, "src/worker/service-worker.ts")),
    packed(),
  ],
  // The photo worker is asked for as a module (photos/take-in.ts).
  worker: { format: "es" },
  build: {
    outDir: "dist",
    // The floor stated in the docs: an old office Chrome, and the first iOS that can hold our data.
    target: ["chrome109", "safari15.4"],
    // What is imported with ?url is a file of its own, fetched and cached, never in the script.
    assetsInlineLimit: 0,
    // The first script and one other: nothing is left to be loaded beforehand.
    modulePreload: false,
    cssCodeSplit: false,
    reportCompressedSize: true,
    // Who receives the app receives the licences of what is in it.
    license: { fileName: "third-party.md" },
  },
  test: {
    projects: [
      { extends: true, test: { name: "shared", include: FILES, exclude: OWN, isolate: false } },
      { extends: true, test: { name: "own", include: OWN } },
    ],
    environment: "node",
    // A process for each file costs a quarter more of the processor.
    pool: "threads",
    // A machine may be busy with other things.
    testTimeout: 20_000,
  },
});
