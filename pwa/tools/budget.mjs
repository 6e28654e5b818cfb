// Size budget of the phone app: the build fails above it (pwa/README.md, Sizes). Counts the bytes of the .br files that
// the server serves (build/packed.ts); scripts and styles inside the page are compressed here, each on its own.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
/** The script and the sheet (build/in-page.ts). */
const IN_PAGE = /<(script type="module"|style)>(.*?)<\/(?:script|style)>/gs;

const page = readFileSync(new URL("index.html", DIST), "utf8");
const first = [...page.matchAll(IN_PAGE)].reduce((sum, [, , text]) => sum + pressed(text), 0);
const files = readdirSync(DIST, { recursive: true }).map((path) => path.replaceAll("\\", "/"));

const BUDGETS = [
  // What the first banner needs, and all there is.
  { name: "first JS + CSS", most: 52_000, bytes: first },
  { name: "all JS + CSS", most: 65_000, bytes: first + served(/^assets\/.*\.js$/) },
  { name: "service worker", most: 3_000, bytes: served(/^sw\.js$/) },
  // Data: the page with one catalogue and the sentences shared with the server, the other catalogue.
  {
    name: "sentences",
    most: 19_000,
    bytes: pressed(page.replace(IN_PAGE, "")) + served(/^((?!assets\/(help|regimes)).*\.json)$/),
  },
  // Fetched when they are opened, and by the worker behind everything else.
  { name: "checklist", most: 4_000, bytes: served(/^assets\/regimes.*\.json$/) },
  { name: "help, both languages", most: 10_000, bytes: served(/^assets\/help.*\.json$/) },
];

for (const { name, most, bytes } of BUDGETS) {
  process.stdout.write(`${name}: ${bytes} of ${most} bytes brotli\n`);
  if (bytes === 0 || bytes > most) process.exitCode = 1;
}

function pressed(text) {
  return brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  }).length;
}

/** A file that packing does not make smaller is served as it is. */
function served(pattern) {
  return files
    .filter((path) => pattern.test(path))
    .reduce((sum, path) => {
      const packed = new URL(`${path}.br`, DIST);
      return sum + statSync(existsSync(packed) ? packed : new URL(path, DIST)).size;
    }, 0);
}
