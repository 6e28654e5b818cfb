// @vitest-environment happy-dom
// What changed is drawn anew, and nothing else.
import { render } from "preact";
import { afterEach, expect, test as it } from "vitest";
import { changed } from "../platform/changed";
import { until } from "../platform/until.testing";
import { useLive } from "./live";

afterEach(() => {
  render(null, document.body);
});

it("a change that is no change of what a screen reads draws nothing; one that is draws it", async () => {
  const row = { record: "r", view: { state: "waiting" } };
  let [reads, draws] = [0, 0];
  function Row() {
    const found = useLive(() => {
      reads += 1;
      return Promise.resolve(structuredClone(row));
    });
    draws += 1;
    return <p>{found?.view.state}</p>;
  }
  render(<Row />, document.body);
  await until(() => expect(document.body.textContent).toBe("waiting"));
  const before = draws;
  for (let nth = 2; nth < 5; nth += 1) {
    changed();
    await until(() => expect(reads).toBe(nth));
  }
  row.view.state = "counted";
  changed();
  await until(() => expect(document.body.textContent).toBe("counted"));
  expect(draws).toBe(before + 1);
});
