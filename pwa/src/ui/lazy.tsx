// A part of a screen that is not in the page: fetched when it is first drawn, from then on there at once. The worker holds
// it like every file of the build (worker/service-worker.ts), so it needs no network either.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Draws nothing until it is there. One that cannot be fetched is said (main.tsx), and tried again the next time. */
export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => preact.JSX.Element | null {
  let Part: ComponentType<Props> | undefined;
  return (props) => {
    const [, redraw] = useState(false);
    useEffect(() => {
      if (Part) return;
      void load().then((found) => {
        Part = found;
        redraw(true);
      });
    }, []);
    return Part ? <Part {...props} /> : null;
  };
}
