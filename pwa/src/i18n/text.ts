// Sentences are data: Vietnamese is in the page, English a file (build/sentences.ts). Beside this app's catalogue those
// that the server says too, error codes and states.
import { type Amount, amountText } from "../core/amount";
import type { Label } from "../core/kind";
import type catalogue from "./vi.json";

export type Key = keyof typeof catalogue;
export type Language = "vi" | "en";
type Table = Readonly<Record<string, string>>;
/** English minds a number: its texts may have forms, by one of their blanks. */
type Sentences = Readonly<
  Record<string, string | { readonly by: string; readonly one: string; readonly other: string }>
>;
type StateTable = Readonly<
  Record<
    "states" | "marks" | "verdicts" | "delivery" | "sources" | "fields" | "checks" | "place" | "schedule",
    Table
  >
>;

const CHOICE = "loa-language";
let spoken: Language | undefined;
let sentences: Sentences = {};
let codes: Table = {};
let words: Partial<StateTable> = {};

/** Looked up once a page, for a list asks hundreds of times: another language is another page. */
export function language(): Language {
  spoken ??= globalThis.localStorage?.getItem(CHOICE) === "en" ? "en" : "vi";
  return spoken;
}

/** The next page speaks it. */
export function chooseLanguage(other: Language): void {
  localStorage.setItem(CHOICE, other);
}

export async function loadTexts(): Promise<void> {
  [sentences, codes, words] =
    language() === "en"
      ? await (await fetch(`${import.meta.env.BASE_URL}en.json`)).json()
      : JSON.parse(document.getElementById("sentences")?.textContent ?? "");
  document.documentElement.lang = language();
}

/** A number as it is written in the language: `29.125` or `29,125`. What Intl has for it costs a start 30 ms. */
export function shown(value: string | number | Amount): string {
  if (typeof value === "string") return value;
  const amount = typeof value === "number" ? { digits: Math.round(value * 1000), scale: 3 } : value;
  return language() === "vi" ? amountText(amount, ",", ".") : amountText(amount, ".", ",");
}

/** The sentence of a key, its {n} and {name} filled in. */
export function t(key: Key, parts: Readonly<Record<string, string | number | Amount>> = {}): string {
  const found = sentences[key] ?? key;
  const text = typeof found === "string" ? found : found[parts[found.by] === 1 ? "one" : "other"];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => shown(parts[name] ?? ""));
}

/** A label of the catalogue or a kind: Vietnamese is always there. */
export function said(label: Label | undefined): string {
  return label?.[language()] ?? label?.["vi"] ?? "";
}

const LEVEL = /^(Tỉnh|Thành phố|Quận|Huyện|Thị xã|Thị trấn|Phường|Xã|Đặc khu) /;

/** The name of a unit in mid-sentence: "xã Chính Nghĩa". */
export function amid(name: string): string {
  return language() === "vi" && LEVEL.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

/** The unit behind a number: the catalogue's are plurals, which English alone minds. */
export function unitOf(n: unknown, unit: Label | undefined, scale = 0): string {
  const single = n === 10 ** scale && language() === "en";
  // A catalogue of before, which a phone may hold, has no other form.
  return single ? (unit?.["en.one"] ?? said(unit).replace(/s$/, "")) : said(unit);
}

/** A word of sync/states.json. */
export function word(group: keyof StateTable, name: string): string {
  return words[group]?.[name] ?? name;
}

/** The sentence of an error code, of the server or of this app. */
export function sentence(code: string): string {
  return codes[code] ?? t(code as Key);
}
