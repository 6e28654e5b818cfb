// The phone app: one page under /app/, old phones included, nothing that is not needed to start without a network.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { inPage } from "./build/in-page.ts";
import { packed } from "./build/packed.ts";
import { sentences } from "./build/sentences.ts";
import { serviceWorker } from "./build/worker.ts";

export default defineConfig({
  base: "/app/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [
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
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts", "desk/**/*.test.ts"],
    environment: "node",
    // A process for each file costs a quarter more of the processor.
    pool: "threads",
    // A machine may be busy with other things.
    testTimeout: 20_000,
  },
});
