// A line of the list of tasks: what there is to do, a word about it, and the one act on the right. A dot says that it is new.
import type { ComponentChildren } from "preact";
import type { RecordRow } from "../db/schema";
import { t } from "../i18n/text";
import { RecordLink } from "./record-link";

interface GroupProps {
  /** For screen readers: on the screen the lines speak for themselves. */
  readonly title: string;
  readonly children: ComponentChildren;
}

export function TaskGroup({ title, children }: GroupProps) {
  return (
    <section class="task-group" aria-label={title}>
      <ul>{children}</ul>
    </section>
  );
}

interface TaskText {
  readonly title: string;
  readonly detail?: string | undefined;
  readonly fresh?: boolean | undefined;
}

interface LinkProps extends TaskText {
  /** An address, or a record. */
  readonly to: string | RecordRow;
  /** What the act is called. */
  readonly go: string;
  readonly primary?: boolean | undefined;
  readonly onFollow?: (() => void) | undefined;
}

/** The whole line leads there. */
export function TaskLink({ to, go, primary, onFollow, ...text }: LinkProps) {
  const inside = (
    <>
      <Said {...text} />
      <span class={primary ? "task-go primary" : "task-go"}>{go}</span>
    </>
  );
  return (
    <li>
      {typeof to === "string" ? (
        <a class="task" href={to} onClick={onFollow}>
          {inside}
        </a>
      ) : (
        <RecordLink class="task" row={to}>
          {inside}
        </RecordLink>
      )}
    </li>
  );
}

interface ActsProps extends TaskText {
  readonly to?: RecordRow;
  /** Buttons. */
  readonly children: ComponentChildren;
}

/** What it is about leads to the record; the buttons answer. */
export function TaskActs({ to, children, ...text }: ActsProps) {
  return (
    <li class="task">
      {to ? (
        <RecordLink class="task-link" row={to}>
          <Said {...text} />
        </RecordLink>
      ) : (
        <Said {...text} />
      )}
      {children}
    </li>
  );
}

function Said({ title, detail, fresh }: TaskText) {
  return (
    <span class="task-text">
      <b>
        {fresh && (
          <span class="dot" role="img" aria-label={t("news_dot")}>
            ●
          </span>
        )}
        {title}
      </b>
      {detail && <small>{detail}</small>}
    </span>
  );
}
