// Size budget of the phone app: the build fails above it (pwa/README.md, Sizes). Counts the bytes of the .br files that
// the server serves (build/packed.ts); the sheet inside the page is compressed here, on its own.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
/** The sheet (build/in-page.ts), and the script that is asked for at once; the other comes when a screen is drawn. */
const SHEET = /<style>(.*?)<\/style>/gs;
const SCRIPT = /<script type="module"[^>]* src="\/app\/(assets\/[^"]+)"/;

const page = readFileSync(new URL("index.html", DIST), "utf8");
const files = readdirSync(DIST, { recursive: true }).map((path) => path.replaceAll("\\", "/"));

const script = SCRIPT.exec(page)?.[1];
if (!script) throw new Error("There is no script in the page.");
const sheets = [...page.matchAll(SHEET)].reduce((sum, [, text]) => sum + pressed(text), 0);

const BUDGETS = [
  // What home and enrolling need, and all there is.
  { name: "first JS + CSS", most: 45_500, bytes: sheets + served(script) },
  { name: "all JS + CSS", most: 90_000, bytes: sheets + served(/^assets\/.*\.js$/) },
  { name: "service worker", most: 4_500, bytes: served(/^sw\.js$/) },
  // Data: the page with one catalogue and the sentences shared with the server, the other catalogue.
  {
    name: "sentences",
    most: 26_000,
    bytes: pressed(page.replace(SHEET, "")) + served(/^((?!assets\/(help|regimes)).*\.json)$/),
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
    .filter((path) => (typeof pattern === "string" ? path === pattern : pattern.test(path)))
    .reduce((sum, path) => {
      const packed = new URL(`${path}.br`, DIST);
      return sum + statSync(existsSync(packed) ? packed : new URL(path, DIST)).size;
    }, 0);
}
