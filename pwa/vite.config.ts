// The phone app: one page under /app/, old phones included, nothing that is not needed to start without a network.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { packed } from "./build/packed.ts";
import { serviceWorker } from "./build/worker.ts";

export default defineConfig({
  base: "/app/",
  oxc: { jsx: { runtime: "automatic", importSource: "#view" } },
  plugins: [serviceWorker(resolve(import.meta.dirname, "src/sw.ts")), packed()],
  build: {
    outDir: "dist",
    // The floor stated in the docs: an old office Chrome, and the first iOS that can hold our data.
    target: ["chrome109", "safari15.4"],
    // Catalogues and kinds are imported with ?url: files of their own, fetched and cached, never in the script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  worker: { format: "es" },
  test: {
    include: ["src/**/*.test.{ts,tsx}", "build/**/*.test.ts"],
    environment: "node",
  },
});
