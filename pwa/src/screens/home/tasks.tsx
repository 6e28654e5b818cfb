// What there is to do, each with its day: on home a line for each sort, on a page of its own all of them.

import { addDays } from "../../core/day";
import { dueDay } from "../../core/late";
import { questionOf, streamOf } from "../../core/sums";
import { gist } from "../../core/text";
import { verdictToRead } from "../../core/view";
import { needing, newNotices } from "../../db/queries";
import type { RecordRow } from "../../db/schema";
import { meta } from "../../db/schema";
import { said, t, word } from "../../i18n/text";
import { kindAnswers } from "../../outbox/kind-answers";
import { sealOf } from "../../outbox/seals";
import { daysBefore } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { titleOf } from "../../ui/item";
import { useLive } from "../../ui/live";
import { showShortDay } from "../../ui/show";
import { TaskGroup, TaskLink } from "../../ui/task";
import { usePlan } from "../plan/use-plan";
import { AiredToday } from "./aired-today";
import { Drafts } from "./drafts";
import { StillUp } from "./still-up";

export function Tasks({ all }: { readonly all?: boolean }) {
  const { campaign, unit } = useApp();
  const open = campaign && !campaign.archived;
  const urgent = useUrgent();
  return (
    <section class="tasks" aria-label={t("tasks")}>
      {all ? <h1>{t("tasks")}</h1> : <h2>{t("tasks")}</h2>}
      {open && unit && urgent && <Give urgent />}
      {open && <AiredToday all={all} />}
      <Drafts all={all} />
      <Returned all={all} />
      <Conflicts all={all} />
      <Feedback />
      {open && <StillUp all={all} />}
      {open && unit && <WholeKinds />}
      {open && unit && !urgent && <Give />}
    </section>
  );
}

export function TasksScreen() {
  return <Tasks all />;
}

/** In the last days and after: what a unit owes then is its figures. */
const LAST_DAYS = 3;

function useUrgent(): boolean {
  const { campaign, catalog } = useApp();
  const due = dueDay(campaign, catalog.units[0]?.level);
  return due !== null && due !== undefined && daysBefore(due) <= LAST_DAYS;
}

/** One stands here with its reason; behind it all. */
function Returned({ all }: { readonly all?: boolean | undefined }) {
  const { db, here } = useApp();
  const rows = useLive(() => needing(db, here, "returned"), here) ?? [];
  // Stands with the conflicts, and behind the link all the same.
  const both = useLive(() => needing(db, here, "conflict"), here) ?? [];
  const n = rows.length + both.filter((row) => verdictToRead(row.view, row.decision) === "returned").length;
  const [first] = rows;
  if (!first) return null;
  const state = word("states", "returned");
  const line = (row: RecordRow) => (
    <TaskLink
      key={row.record}
      title={`${state}: ${row.number}`}
      detail={gist(row.decision?.reason ?? "")}
      to={row}
      go={t("correct_task")}
      fresh
    />
  );
  return (
    <TaskGroup title={state}>
      {all || n === 1 ? (
        rows.map(line)
      ) : (
        <TaskLink
          title={`${n} ${state.toLowerCase()}`}
          detail={`${first.number}: ${gist(first.decision?.reason ?? "")}`}
          to="#/search/returned"
          go={t("look")}
          fresh
        />
      )}
    </TaskGroup>
  );
}

/** Two people said other things of one field. */
function Conflicts({ all }: { readonly all?: boolean | undefined }) {
  const { db, catalog, here } = useApp();
  const rows = useLive(() => needing(db, here, "conflict"), here) ?? [];
  const [first] = rows;
  if (!first) return null;
  const mark = word("marks", "conflict");
  return (
    <TaskGroup title={mark}>
      {all || rows.length === 1 ? (
        rows.map((row) => (
          <TaskLink
            key={row.record}
            title={`${word("marks", row.view.marks[0] ?? "conflict")}: ${row.number}`}
            detail={titleOf(row, catalog)}
            to={row}
            go={t("settle_task")}
          />
        ))
      ) : (
        <TaskLink title={`${mark}: ${named(rows)}`} to="#/tasks" go={t("look")} />
      )}
    </TaskGroup>
  );
}

/** Some are named, of more their number is. */
const NAMED = 3;

function named(rows: readonly RecordRow[]): string {
  return rows.length > NAMED
    ? t("count_records", { n: rows.length })
    : rows.map(({ number }) => number).join(", ");
}

/** What the level above decided since the officer looked last. What was returned has a line of its own. */
function Feedback() {
  const { db, here } = useApp();
  const rows = (useLive(() => newNotices(db, here), here) ?? []).filter(
    (row) => isSaid(row) || row.decision?.verdict !== "returned",
  );
  if (rows.length === 0) return null;
  return (
    <TaskGroup title={t("news")}>
      <TaskLink
        title={t("news")}
        detail={sayNews(rows)}
        to="#/news"
        go={t("news_look", { n: rows.length })}
        fresh
      />
    </TaskGroup>
  );
}

/** What came of it last are words, and no decision. */
function isSaid({ told, messages }: RecordRow): boolean {
  return messages?.some(({ id }) => id === told?.[2]) ?? false;
}

/** "BR-2 cấp trên hỏi, trả lời · PT-2 không tính · BR-1, BR-3 đã duyệt". */
export function sayNews(rows: readonly RecordRow[]): string {
  return (["said", "not_counted", "counted"] as const)
    .flatMap((what) => {
      const its = rows.filter((row) => (isSaid(row) ? "said" : row.decision?.verdict) === what);
      if (its.length === 0) return [];
      return `${named(its)} ${what === "said" ? t("news_said") : word("states", what).toLowerCase()}`;
    })
    .join(" · ");
}

/** One answer for all records of a kind; the plan has the buttons (SPEC F-39). */
function WholeKinds() {
  const { db, catalog, here, unit } = useApp();
  const asked = useLive(async () => {
    const sum = (await meta(db, "totals"))?.[streamOf({ unit: unit?.id ?? "", campaign: here })] ?? {};
    const given = await kindAnswers(db, here);
    return catalog.kinds.filter(
      (kind) => questionOf(kind) && (sum[`unsaid ${kind.kind}`] ?? 0) > 0 && given[kind.kind]?.value !== null,
    );
  }, `${here} ${unit?.id}`);
  const [first] = asked ?? [];
  if (!(asked && first)) return null;
  return (
    <TaskGroup title={t("kind_answers")}>
      <TaskLink
        title={said(questionOf(first)?.label)}
        detail={`${t("kind_answers")}: ${asked.map(({ label }) => said(label).toLowerCase()).join(", ")}`}
        to="#/plan"
        go={t("answer")}
      />
    </TaskGroup>
  );
}

/** The act by which a unit stands for its figures, with its state and its day. */
function Give({ urgent = false }: { readonly urgent?: boolean }) {
  const { db, campaign, catalog, here, unit, cursors } = useApp();
  const plan = usePlan();
  const own = useLive(() => sealOf(db, unit?.id ?? "", here), `${unit?.id} ${here}`);
  const sealed = cursors.some((one) => one.unit === unit?.id && one.campaign === here && one.sealed !== null);
  const due = dueDay(campaign, catalog.units[0]?.level);
  const day = due && t("task_due", { day: showShortDay(addDays(due, -1)) });
  const refused = own?.state === "refused";
  const state = refused
    ? t("give_again")
    : own
      ? t("give_queued")
      : sealed
        ? t("give_given")
        : (plan?.items ?? [])
            .filter(({ answer }) => answer === "amount")
            .slice(0, NAMED)
            .map(({ text }) => text)
            .join(" · ");
  const waits = !(own || sealed) || refused;
  return (
    <TaskGroup title={t("give")}>
      <TaskLink
        title={t("give")}
        detail={[waits && day, state].filter(Boolean).join(" · ")}
        to="#/give"
        go={t(waits ? "give_go" : "look")}
        primary={refused || (urgent && waits)}
        fresh={refused}
      />
    </TaskGroup>
  );
}
