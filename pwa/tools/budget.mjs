// What a phone on 2G must load: fails the build of a change that exceeds it (pwa/README.md, Budgets). Counted are the
// bytes of the .gz files that the hub serves (build/packed.ts); what stands in the page is pressed here, part by part.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { gzipAsync } from "@gfx/zopfli";

const DIST = new URL("../dist/", import.meta.url);
/** The first script and the sheet (build/in-page.ts). */
const IN_PAGE = /<(script|style)>(.*?)<\/\1>/gs;

const page = readFileSync(new URL("index.html", DIST), "utf8");
const first = await total([...page.matchAll(IN_PAGE)].map(([, , text]) => pressed(text)));
const files = readdirSync(DIST, { recursive: true }).map((path) => path.replaceAll("\\", "/"));

const BUDGETS = [
  // What the first banner needs, and all there is.
  { name: "first JS + CSS", most: 20_000, bytes: first },
  { name: "all JS + CSS", most: 34_800, bytes: first + served(/^assets\/.*\.js$/) },
  { name: "service worker", most: 2_000, bytes: served(/^sw\.js$/) },
  // Data: the page with one catalogue and the sentences shared with the hub, the other catalogue.
  {
    name: "sentences",
    most: 16_000,
    bytes: (await pressed(page.replace(IN_PAGE, ""))) + served(/^((?!assets\/help).*\.json)$/),
  },
  // Fetched when they are opened, and by the worker behind everything else.
  { name: "help, both languages", most: 10_000, bytes: served(/^assets\/help.*\.json$/) },
];

for (const { name, most, bytes } of BUDGETS) {
  process.stdout.write(`${name}: ${bytes} of ${most} bytes gzip\n`);
  if (bytes === 0 || bytes > most) process.exitCode = 1;
}

async function pressed(text) {
  return (await gzipAsync(text, { numiterations: 15 })).length;
}

async function total(sizes) {
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A file that packing does not make smaller is served as it is. */
function served(pattern) {
  return files
    .filter((path) => pattern.test(path))
    .reduce((sum, path) => {
      const packed = new URL(`${path}.gz`, DIST);
      return sum + statSync(existsSync(packed) ? packed : new URL(path, DIST)).size;
    }, 0);
}
