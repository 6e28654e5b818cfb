// What a phone on 2G must load: fails the build of a change that exceeds it (pwa/README.md, Budgets).
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const BUDGETS = [
  // What the first banner needs, and all there is.
  { name: "first JS + CSS", most: 20_000, files: (path) => /^assets\/(index-.*\.js|.*\.css)$/.test(path) },
  { name: "all JS + CSS", most: 30_000, files: (path) => /^assets\/.*\.(js|css)$/.test(path) },
  { name: "service worker", most: 2_000, files: (path) => path === "sw.js" },
  // Fetched data: one of the two catalogues, and the sentences shared with the hub.
  { name: "sentences", most: 16_000, files: (path) => /^assets\/.*\.json$/.test(path) },
];

const files = readdirSync(DIST, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
for (const budget of BUDGETS) {
  const counted = files.filter(budget.files);
  const bytes = counted.reduce(
    (sum, path) => sum + gzipSync(readFileSync(new URL(path, DIST)), { level: 9 }).length,
    0,
  );
  process.stdout.write(`${budget.name}: ${bytes} of ${budget.most} bytes gzip\n`);
  if (counted.length === 0 || bytes > budget.most) process.exitCode = 1;
}
