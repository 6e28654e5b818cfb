// Which files a phone must hold to start without a network, and the name of exactly that set.
// The version is a digest of names and contents: the same sources give the same version on every machine,
// and one changed byte gives a phone a new worker to ask its officer about.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

export type Built = ReadonlyMap<string, Uint8Array | string>;

/** The folder that is copied as it is: its files by their names in the built app. */
export function copied(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.startsWith(".")) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).split(sep).join("/"), readFileSync(path));
  }
  return files;
}

export interface Precache {
  readonly version: string;
  readonly files: readonly string[];
}

/** Paths relative to the app's base, sorted; the page itself is held under the base ("") it is opened by. */
export function precache(built: Built): Precache {
  // The pictures of the installation are the browser's, before there is an app.
  const names = [...built.keys()].filter((name) => !/^(sw|shots\/|third-party)|\.map$/.test(name)).sort();
  const digest = createHash("sha256");
  for (const name of names) {
    const content = built.get(name) ?? "";
    digest.update(`${name}\0${content.length}\0`).update(content);
  }
  return {
    version: digest.digest("hex").slice(0, 12),
    files: names.map((name) => (name === "index.html" ? "" : name)),
  };
}
