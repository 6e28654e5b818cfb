// The names of classes are words, for people who read sheets and screens; they travel as one or two letters: 300 bytes of
// gzip. Not those that data says too, `chip ${state}`. A test finds things by role and name, never by class.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { sourcesOf } from "./keys.ts";
import { letters } from "./letters.ts";

const SELECTED = /(?<=\.)[a-z][\w-]*(?=[^{}]*\{)/g;
/** `class="chip warn"`, `class={marked ? "field marked" : "field"}`; `look` is a class that a component passes on. */
const GIVEN = /(?<=\s(?:class|look)=)(?:"[^"]*"|\{(?:[^{}]|\{[^{}]*\})*\})/g;
/** Of these what is in quotes, and of that the words but what is put in: `${state}`. */
const QUOTED = /"[^"]*"|`[^`]*`/g;
const WORD = /(?<![\w.{-])[a-z][\w-]*/g;
/** Said as they stand, and by data: types of fields, sizes of pictures. */
const DATA = ["choice", "ticks", "thumb", "full"];
/** Where it is said what else data says, seen from the sources: a chip is of the class of its state. */
const STATES = "../../sync/states.json";

/**
 * By class its letters, for each class of the sheets that the screens give as it stands, the most used first. Throws where
 * such a class, or its letters, is what data says: of `states`, or a class of the sheets that no screen gives.
 */
export function shortClasses(
  sheets: string,
  screens: string,
  states: readonly string[] = [],
): Map<string, string> {
  const given = (screens.match(GIVEN) ?? []).flatMap((one) => one.match(QUOTED) ?? []);
  const used = new Map((sheets.match(SELECTED) ?? []).map((name) => [name, 0]));
  for (const name of given.flatMap((words) => words.match(WORD) ?? [])) {
    const times = used.get(name);
    if (times !== undefined && !DATA.includes(name)) used.set(name, times + 1);
  }
  const own = [...used].filter(([, times]) => times > 0).sort(([, a], [, b]) => b - a);
  const short = new Map(own.map(([name], at) => [name, letters(at)]));
  const data = [...DATA, ...states, ...[...used.keys()].filter((name) => !short.has(name))];
  for (const names of short) {
    const word = names.find((name) => data.includes(name));
    if (word)
      throw new Error(`The class ${names[0]} cannot be ${names[1]} for short: data says ${word} too.`);
  }
  return short;
}

export function inSheet(code: string, short: ReadonlyMap<string, string>): string {
  return code.replace(SELECTED, (name) => short.get(name) ?? name);
}

export function onScreen(code: string, short: ReadonlyMap<string, string>): string {
  const shorter = (words: string) => words.replace(WORD, (name) => short.get(name) ?? name);
  return code.replace(GIVEN, (given) => given.replace(QUOTED, shorter));
}

export function classes(sources: string, sheets: string): Plugin {
  let short: ReadonlyMap<string, string> = new Map();
  return {
    name: "loa:classes",
    apply: "build",
    enforce: "pre",
    buildStart() {
      const { states, delivery } = JSON.parse(readFileSync(join(sources, STATES), "utf8"));
      const files = readdirSync(sheets).filter((name) => name.endsWith(".css"));
      const rules = files.map((name) => readFileSync(join(sheets, name), "utf8")).join("\n");
      short = shortClasses(rules, sourcesOf(sources), [...Object.keys(states), ...Object.keys(delivery)]);
    },
    transform(code, id) {
      if (id.endsWith(".css")) return { code: inSheet(code, short), map: null };
      return id.endsWith(".tsx") ? { code: onScreen(code, short), map: null } : null;
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          // The builder leaves a mark of its own at the end.
          if (file.type === "asset" && file.fileName.endsWith(".css"))
            file.source = String(file.source).replace(/\s*\/\*.*\*\/$/, "");
        }
      },
    },
  };
}
