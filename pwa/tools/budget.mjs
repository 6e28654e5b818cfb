// What a phone on 2G must load: fails the build of a change that exceeds it (pwa/README.md, Budgets). Counted are the
// bytes of the .gz files that the hub serves (build/packed.ts).
import { existsSync, readdirSync, statSync } from "node:fs";

const DIST = new URL("../dist/", import.meta.url);
const BUDGETS = [
  // What the first banner needs, and all there is.
  { name: "first JS + CSS", most: 20_000, files: (path) => /^assets\/(index-.*\.js|.*\.css)$/.test(path) },
  { name: "all JS + CSS", most: 34_000, files: (path) => /^assets\/.*\.(js|css)$/.test(path) },
  { name: "service worker", most: 2_000, files: (path) => path === "sw.js" },
  // Data: the page with one catalogue and the sentences shared with the hub, the other catalogue.
  { name: "sentences", most: 16_000, files: (path) => /^((?!assets\/help).*\.json|index\.html)$/.test(path) },
  // Fetched when they are opened, and by the worker behind everything else.
  { name: "help, both languages", most: 10_000, files: (path) => /^assets\/help.*\.json$/.test(path) },
];

/** A file that packing does not make smaller is served as it is. */
function served(path) {
  const packed = new URL(`${path}.gz`, DIST);
  return statSync(existsSync(packed) ? packed : new URL(path, DIST)).size;
}

const files = readdirSync(DIST, { recursive: true }).map((path) => path.replaceAll("\\", "/"));
for (const budget of BUDGETS) {
  const counted = files.filter(budget.files);
  const bytes = counted.reduce((sum, path) => sum + served(path), 0);
  process.stdout.write(`${budget.name}: ${bytes} of ${budget.most} bytes gzip\n`);
  if (counted.length === 0 || bytes > budget.most) process.exitCode = 1;
}
