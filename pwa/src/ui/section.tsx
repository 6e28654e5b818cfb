// A part of a screen under its heading, which is its name for screen readers too.
import type { Child } from "#view/jsx-runtime";

interface Props {
  readonly title: string;
  readonly look?: string | undefined;
  readonly children: Child;
}

export function Section({ title, look, children }: Props) {
  return (
    <section class={look} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
