// @vitest-environment happy-dom
// The offer to install: after the first record, until it is put off.
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test as it } from "vitest";
import { phone } from "../../db/phone.testing";
import { keepQuestion } from "../../platform/browser";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { Install } from "./install";

beforeEach(keepQuestion);
afterEach(() => render(null, document.body));

it("is put off by a tap, which changes no row of the phone", async () => {
  const db = await phone({ meta: { numbers: { BR: 1 } } });
  const offer = () => document.querySelector("section");
  await act(() =>
    render(
      <AppContext.Provider value={{ db } as unknown as App}>
        <Install />
      </AppContext.Provider>,
      document.body,
    ),
  );
  expect(offer()).toBeNull();
  await act(() => void dispatchEvent(new Event("beforeinstallprompt", { cancelable: true })));
  await until(() => expect(offer()).not.toBeNull());
  await act(() => void [...document.querySelectorAll("button")].at(-1)?.click());
  await until(() => expect(offer()).toBeNull());
});
