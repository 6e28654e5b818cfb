// The folders of src/ are rooms, as pwa/README.md says: each imports only from those before it in this list, types too;
// no two files import each other round a circle; no two exported names are the same, so that a name says what it is; a file that
// one other imports alone has a reason to be a file.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test as it } from "vitest";

const SRC = join(import.meta.dirname, "../src");
const ROOMS = [
  ...[
    "core",
    "i18n",
    "platform",
    "db",
    "outbox",
    "officers",
    "photos",
    "exchange",
    "worker",
    "ui",
    "screens",
  ],
  "app.tsx",
  "main.tsx",
];
const IMPORTED = /(?:from |import |import\(|new URL\()"(\.[^"?]+)/g;
const EXPORTED = /^export (?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/gm;

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => /\.tsx?$/.test(path) && !/\.(test|testing)\./.test(path));
const sources = new Map(files.map((path) => [path, readFileSync(join(SRC, path), "utf8")]));

function importsOf(path: string): string[] {
  const specifiers = [...(sources.get(path) ?? "").matchAll(IMPORTED)].map(([, said = ""]) => said);
  return specifiers.flatMap((said) => {
    const named = normalize(join(dirname(path), said));
    return ["", ".ts", ".tsx", "/index.ts", "/index.tsx"]
      .map((end) => named + end)
      .filter((one) => sources.has(one));
  });
}

const roomOf = (path: string) => ROOMS.indexOf(path.split("/")[0] ?? "");

it("every file is in a room, and imports only from its own and those before it", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((path) => roomOf(path) < 0)).toEqual([]);
  const upward = files.flatMap((path) =>
    importsOf(path)
      .filter((other) => roomOf(other) > roomOf(path))
      .map((other) => `${path} imports ${other}`),
  );
  expect(upward).toEqual([]);
});

it("core/ is pure: it asks no clock, no browser and no chance", () => {
  const impure =
    /\b(Date\.now|new Date\(\)|Math\.random|getRandomValues|indexedDB|document|localStorage|navigator)\b/;
  const core = files.filter((path) => path.startsWith("core/"));
  expect(core.filter((path) => impure.test(sources.get(path) ?? ""))).toEqual([]);
});

it("no circle of imports, not even of types", () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(" > "));
    if (done.has(path) || way.includes(path)) return;
    for (const other of importsOf(path)) visit(other, [...way, path]);
    done.add(path);
  };
  for (const path of files) visit(path, []);
  expect(circles).toEqual([]);
});

it("no exported name twice", () => {
  const by = new Map<string, string[]>();
  for (const [path, source] of sources) {
    for (const [, name = ""] of source.matchAll(EXPORTED)) by.set(name, [...(by.get(name) ?? []), path]);
  }
  expect([...by].filter(([, paths]) => paths.length > 1)).toEqual([]);
});

/** Outside of the screens: why a file that one other imports alone is a file. */
const ALONE: Record<string, string> = {
  "app.tsx": "the page's parts; main.tsx begins before there is one",
  "core/code.ts": "pure: runs the vectors of sync/",
  "core/rescue.ts": "pure: the form of a rescue file, without its bytes",
  "exchange/apply.ts": "pure: what an answer does to rows, without the driver's browser",
  "exchange/beside.ts": "requests beside the exchange: catalogue, files, table of support",
  "exchange/driver.ts": "does what the reducer says, also in a Node process; triggers say when",
  "officers/enrol.ts": "the request and its nonce, without a screen",
  "officers/pin.ts": "what a PIN is kept as, and how tries slow down, without a screen",
  "photos/document-bytes.ts": "bytes of a PDF from disk or server, without a screen",
  "photos/pdf-worker.ts": "a worker: a script of its own",
  "photos/shrink-worker.ts": "a worker: a script of its own",
  "photos/stamp.ts": "draws on a canvas, without a screen",
  "platform/awake.ts": "a browser's interface",
  "screens/route.tsx": "the table of addresses",
  "ui/fields/cards.tsx": "an input by the type of its field",
  "ui/fields/place.tsx": "an input by the type of its field",
  "ui/fields/index.tsx": "which input a type has",
  "ui/fields/schedule.tsx": "an input by the type of its field",
  "ui/styles/index.ts": "all sheets in their order",
  "ui/update.ts": "a hook over the service worker",
  "ui/viewfinder.tsx": "the camera's picture, 165 lines",
  "worker/hand-in.ts": "a driver of the reducer; the worker keeps files",
};
/** Smaller than that, a part of a screen that one other imports alone stands in it. */
const PART = 20;

it("a file that one other imports alone has a reason", () => {
  const by = new Map<string, Set<string>>();
  for (const path of files) {
    for (const other of importsOf(path)) by.set(other, (by.get(other) ?? new Set()).add(path));
  }
  const alone = [...by].filter(([, importers]) => importers.size === 1).map(([path]) => path);
  const lines = (path: string) => (sources.get(path) ?? "").split("\n").length;
  // A screen, or a part of it, is drawn by one other; what it draws is whole in itself.
  const without = alone.filter(
    (path) => !(path in ALONE || (path.startsWith("screens/") && lines(path) > PART)),
  );
  expect(without).toEqual([]);
  expect(Object.keys(ALONE).filter((path) => !alone.includes(path))).toEqual([]);
});
