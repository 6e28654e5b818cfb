// A page that fades into the next one (desk.css) may find that it cannot: the next one is there already, or nobody sees the window.
// That is no fault, and none is written to the console. It is loaded before the page is first drawn, when that is decided.
for (const moment of ["pageswap", "pagereveal"]) {
  addEventListener(moment, ({ viewTransition: fade }) => {
    fade?.ready.catch(() => undefined);
    fade?.finished.catch(() => undefined);
  });
}
