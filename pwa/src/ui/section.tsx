// A part of a screen under its heading, which is its name for screen readers too.
import type { ComponentChildren } from "preact";

interface Props {
  readonly title: string;
  readonly class?: string | undefined;
  readonly children: ComponentChildren;
}

export function Section({ title, class: look, children }: Props) {
  return (
    <section class={look} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
