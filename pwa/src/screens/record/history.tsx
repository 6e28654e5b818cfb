// Everything that happened to a record, whoever did it: asked of the server when it is opened, and kept for when there is no network.
import { useEffect, useState } from "preact/hooks";
import { type HistoryLine, type HistoryPage, historyOf } from "../../core/history";
import type { Kind } from "../../core/kind";
import { type Fields, KEPT_PREFIX, namesFile, PHOTO_PREFIX, part, type Value } from "../../core/record";
import { byId, type Campaign } from "../../db/catalog";
import type { RecordRow } from "../../db/schema";
import { t, word } from "../../i18n/text";
import { changed } from "../../platform/changed";
import { now } from "../../platform/clock";
import { call, Problem } from "../../platform/http";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import {
  fieldLabel,
  fieldLabels,
  fieldOf,
  fileLabel,
  showKept,
  showSaid,
  showTime,
  showValue,
} from "../../ui/show";

interface Props {
  readonly row: RecordRow;
  readonly kind: Kind | undefined;
}

export function History({ row, kind }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("history")}</summary>
      {open && <Whole row={row} kind={kind} />}
    </details>
  );
}

function Whole({ row, kind }: Props) {
  const { db, session, catalog } = useApp();
  const { record, decision, messages, view } = row;
  const kept = useLive(async () => (await db.get("histories", record)) ?? null, record);
  const own = useLive(() => db.getAll("writes", "record", record), record);
  const [failure, setFailure] = useState("");
  const ask = async (before?: HistoryPage) => {
    const last = before?.lines.at(-1)?.position;
    const path = `records/${record}/history?messages=1${last === undefined ? "" : `&before=${last}`}`;
    const found: HistoryPage = await (await call(session.token, path)).json();
    const lines = [...(before?.lines ?? []), ...found.lines];
    await db.put("histories", { record, lines, more: found.more, told_at: now() });
    changed();
  };
  const answered = `${row.last} ${decision?.id} ${decision?.reply?.id} ${messages?.at(-1)?.id}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again once something new of the record came.
  useEffect(() => {
    let here = true;
    ask().then(
      () => here && setFailure(""),
      (error: unknown) => here && setFailure(error instanceof Problem ? error.code : "unreachable"),
    );
    return () => {
      here = false;
    };
  }, [record, answered]);
  if (kept === undefined || own === undefined) return null;
  const lines = historyOf(
    { fields: view.fields, decision, messages, own, me: catalog.officer.name },
    kept ?? undefined,
  );
  // Of one that the server does not have there is nothing to ask for.
  const asked = own.length === 0 || own.some(({ state }) => state === "stored" || state === "landed");
  return (
    <>
      {failure && asked && (
        <p role="status">{kept ? t("history_as_of", { at: showTime(kept.told_at) }) : t("history_part")}</p>
      )}
      <ul class="history">
        {lines.map((line) => (
          <Line
            key={line.id}
            line={line}
            row={row}
            kind={kind}
            campaign={byId(catalog.campaigns, row.campaign)}
          />
        ))}
      </ul>
      {kept?.more && (
        <button type="button" onClick={() => void ask(kept).catch(() => setFailure("unreachable"))}>
          {t("history_older")}
        </button>
      )}
    </>
  );
}

interface LineProps extends Props {
  readonly line: HistoryLine;
  readonly campaign: Campaign | undefined;
}

function Line({ line, row, kind, campaign }: LineProps) {
  const { verdict, reason, fields, again, reply, desk, unsent } = line;
  const marked = fieldLabels(kind, fields);
  return (
    <li>
      <small>
        {showSaid(line)}
        {desk && !verdict && ` · ${t("history_desk")}`}
        {unsent && ` · ${word("delivery", "on_phone")}`}
      </small>
      {verdict && (
        <p>
          <b>{word("verdicts", verdict)}</b>
          {again && ` (${t("history_again")})`}
          {reason && `: ${reason}`}
          {marked.length > 0 && ` ${t("look_at", { what: marked.join(", ") })}`}
        </p>
      )}
      {reply && (
        <p>
          <b>{t("reply_given")}</b> {reply}
        </p>
      )}
      {line.message && (
        <p>
          <b>{t("talk_said")}</b> {line.message}
        </p>
      )}
      {line.id === row.record && (
        <p>
          <b>{t("history_made")}</b>
        </p>
      )}
      {changesOf(line, kind, campaign).map((text) => (
        <p key={text}>{text}</p>
      ))}
    </li>
  );
}

/** What a write changed, a sentence a field: the value, and what it took the place of. Nothing that only counts or rules need. */
export function changesOf(
  { set, replaced }: HistoryLine,
  kind: Kind | undefined,
  campaign?: Campaign,
): string[] {
  const beside = [
    ...(kind?.fields ?? []).flatMap(({ said_by }) => said_by ?? []),
    ...(kind?.confirm ? [kind.confirm.when] : []),
  ];
  const shown = (field: string, value: Value) => showIn(kind, field, value, campaign);
  return Object.entries(set)
    .filter(([field]) => !beside.includes(field))
    .flatMap(([field, value]) => {
      const gone = replaced[field] ?? [];
      return field in MARKED
        ? (MARKED[field]?.(value, gone) ?? [])
        : sayChange(fieldLabel(kind, field), field, value, gone, shown);
    });
}

/** Of fields that every kind has: what the act was, never a yes or no. */
const MARKED: Readonly<Record<string, (value: Value, gone: readonly Value[]) => string | undefined>> = {
  deleted: (value, gone) => {
    if (value) return t("history_deleted");
    return gone.includes(true) ? t("history_restored") : undefined;
  },
  submitted: (value) => (value ? undefined : word("states", "draft")),
};

function sayChange(
  label: string,
  field: string,
  value: Value,
  gone: readonly Value[],
  shown: (field: string, value: Value) => string,
): string[] {
  const before = gone.filter((one) => one !== null);
  const kept = field.startsWith(KEPT_PREFIX);
  if (value === null && kept) return [];
  if (value === null && namesFile(field))
    return [t("history_removed", { what: before[0] ? fileLabel(sideWith(field, before[0]), field) : label })];
  const text = `${label}: ${value === null ? t("history_empty") : shown(field, value)}`;
  if (before.length === 0 || kept || namesFile(field)) return [text];
  return [`${text} ${t("history_was", { what: before.map((one) => shown(field, one)).join(" / ") })}`];
}

function sideWith(field: string, value: Value): Fields {
  return { [field]: [{ id: "", at: 0, by: "", value }] };
}

function showIn(kind: Kind | undefined, field: string, value: Value, campaign?: Campaign): string {
  if (field.startsWith(KEPT_PREFIX)) return showKept(kind, value, campaign);
  const source = field.startsWith(PHOTO_PREFIX) && part(value, "source");
  if (!source) return showValue(fieldOf(kind, field), value, campaign);
  const time = showTime(Number(part(value, "taken_at")));
  return `${word("sources", String(source))} ${part(value, "undated") ? t("photo_added", { time }) : time}`;
}
