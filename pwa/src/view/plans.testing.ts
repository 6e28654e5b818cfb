// Any tree, as data. As in JSX, a place among siblings holds nothing or what only this place holds: one of two tags, a
// component, a text. What changes its place is in a list and has a key. (Without a key preact looks for it among all
// siblings; this view does not.)
import fc from "fast-check";

export type Plan =
  | { readonly is: "nothing"; readonly value: null | undefined | boolean }
  | { readonly is: "text"; readonly text: string | number }
  | { readonly is: "list"; readonly kids: readonly Plan[] }
  | { readonly is: "fragment"; readonly key: string; readonly kids: readonly Plan[] }
  | {
      readonly is: "tag";
      readonly tag: string;
      readonly key?: string;
      readonly attributes: Attributes;
      readonly kids: readonly Plan[];
    }
  | {
      readonly is: "part";
      readonly place: number;
      readonly key?: string;
      readonly given: number;
      readonly kids: readonly Plan[];
    };

export type Attributes = Readonly<Record<string, string | boolean>>;

const PLACES = [
  ["p", "b"],
  ["i", "button"],
  ["u", "input"],
] as const;
const KEYS = ["a", "b", "c", "d", "e"];

const nothing = fc.record({
  is: fc.constant("nothing" as const),
  value: fc.constantFrom(null, undefined, true, false),
});
const text = fc.record({ is: fc.constant("text" as const), text: fc.constantFrom("", "x", "yy", 0, 7) });
const attributes: fc.Arbitrary<Attributes> = fc.record(
  {
    class: fc.constantFrom("", "one", "two"),
    role: fc.constantFrom("status", "note"),
    "aria-label": fc.constantFrom("here", "there"),
    "aria-busy": fc.boolean(),
    disabled: fc.boolean(),
    onClick: fc.constantFrom("clicked", "pressed"),
  },
  { requiredKeys: [] },
);
/** An input is told its value each time, as in the forms. */
const controlled = fc.record({ value: fc.constantFrom("", "a", "b"), checked: fc.boolean() });

const tag = (name: string, kids: fc.Arbitrary<readonly Plan[]>, key?: string): fc.Arbitrary<Plan> =>
  fc.record({ attributes, controlled, kids }).map((made) => ({
    is: "tag",
    tag: name,
    ...(key !== undefined && { key }),
    attributes: { ...made.attributes, ...(name === "input" && made.controlled) },
    kids: name === "input" ? [] : made.kids,
  }));

const part = (place: number, kids: fc.Arbitrary<readonly Plan[]>, key?: string): fc.Arbitrary<Plan> =>
  fc.record({ given: fc.nat(2), kids }).map(({ given, kids: inner }) => ({
    is: "part",
    place,
    ...(key !== undefined && { key }),
    given,
    kids: inner,
  }));

function siblings(depth: number): fc.Arbitrary<readonly Plan[]> {
  const kids = depth > 0 ? siblings(depth - 1) : fc.constant([]);
  const places = PLACES.map(([one, other], place) =>
    fc.oneof(
      nothing,
      place === 1 ? text : nothing,
      tag(one, kids),
      tag(other, kids),
      part(place, kids),
      kids.map((inner): Plan => ({ is: "fragment", key: `f${place}`, kids: inner })),
    ),
  );
  const keyed = (key: string) => fc.oneof(part(9, kids, key), tag("li", kids, key), tag("a", kids, key));
  const list = fc
    .shuffledSubarray(KEYS, { maxLength: 3 })
    .chain((keys) => fc.tuple(...keys.map(keyed)))
    .map((inner): Plan => ({ is: "list", kids: inner }));
  return fc.tuple(...places, list);
}

export const plan: fc.Arbitrary<Plan> = siblings(1).map((kids) => ({ is: "list", kids }));
