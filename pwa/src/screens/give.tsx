// "Xác nhận và gửi số liệu" from the phone (SPEC L-2): what the server would take as the unit's figures, then the statement.
// Only with a network, for it is about what the server has; what is still on this phone is said first.
import { useEffect, useRef, useState } from "preact/hooks";
import { status } from "../db/queries";
import { exchangeNow } from "../exchange/triggers";
import { said, sentence, t } from "../i18n/text";
import { dropSeal, keepSeal, type OwnSeal, sealOf } from "../outbox/seals";
import { call, Problem } from "../platform/http";
import { useApp } from "../ui/app-context";
import { useLive } from "../ui/live";
import { notify } from "../ui/notice";
import { besides, showAmount, showTime } from "../ui/show";
import { TwoTap } from "../ui/two-tap";

interface Sheet {
  readonly shown: Readonly<Record<string, number>>;
  readonly basis?: string;
  readonly submitted: number;
  readonly drafts: number;
  readonly conflicts: number;
  readonly fresh: boolean;
  readonly sealed_at: number | null;
  readonly sealed_by: string;
  /** Airings of days that have come and that nobody confirmed (SPEC F-21). An older server does not tell. */
  readonly unconfirmed?: number;
  readonly figures: readonly (Given & {
    readonly code: string;
    readonly nil: boolean;
    /** Of a figure with a scale, where what stands beside it is rounded for app 3 (SPEC F-17). */
    readonly digits?: Given;
  })[];
}

interface Given {
  readonly counted: number;
  readonly waiting: number;
  readonly returned: number;
}

function why(error: unknown): string {
  return error instanceof Problem && error.status > 0 ? sentence(error.code) : t("unreachable");
}

export function GiveScreen() {
  const { db, session, campaign, unit } = useApp();
  const [sheet, setSheet] = useState<Sheet | null>();
  const [failure, setFailure] = useState("");
  const [tries, setTries] = useState(0);
  const now = useLive(() => status(db));
  const path = `figures/${campaign?.id}/${unit?.id}`;
  const own = useLive(() => sealOf(db, unit?.id ?? "", campaign?.id ?? ""), path);
  const waits = own?.state === "pending";
  const waited = useRef(false);
  const left = (now?.on_phone ?? 0) + (now?.refused ?? 0);
  const practice = campaign?.practice;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again with each try, and when all was sent.
  useEffect(() => {
    if (!(campaign && unit)) return;
    let here = true;
    setFailure("");
    call(session.token, path)
      .then((answer) => answer.json())
      .then((found: Sheet) => here && setSheet(found))
      .catch((error: unknown) => here && setFailure(why(error)));
    return () => {
      here = false;
    };
  }, [path, tries, left, waits]);
  useEffect(() => {
    if (waited.current && own === null) notify(t("give_done"));
    waited.current = waits;
  }, [waits, own]);
  const give = async () => {
    if (!(sheet && unit && campaign)) return;
    const { shown, basis, submitted } = sheet;
    const empty = submitted === 0;
    await keepSeal(db, { unit: unit.id, campaign: campaign.id, shown, empty, ...(basis && { basis }) });
    exchangeNow();
  };
  return (
    <>
      <h1>{t("give")}</h1>
      <p>
        <b>{unit?.name}</b> · {campaign?.name}
        {practice && ` · ${t("practice")}`}
      </p>
      {left > 0 && (
        <p class="alert">
          {t("give_unsent", { n: left })} <a href="#/sync">{t("sync")}</a>
        </p>
      )}
      {own && <Going own={own} />}
      {failure && <p role="alert">{failure}</p>}
      {failure && (
        <button type="button" onClick={() => setTries(tries + 1)}>
          {t("try_again")}
        </button>
      )}
      {!(sheet || failure) && <p role="status">{t("give_asking")}</p>}
      {sheet && (
        <>
          {sheet.sealed_at !== null && (
            <p class="alert">{t("give_before", { by: sheet.sealed_by, at: showTime(sheet.sealed_at) })}</p>
          )}
          {!!sheet.unconfirmed && (
            <p class="alert">
              {t("give_unconfirmed", { n: sheet.unconfirmed })} <a href="#/">{t("give_confirm_them")}</a>
            </p>
          )}
          <GivenList sheet={sheet} />
          <p>
            {t("give_holds", { n: sheet.submitted })}
            {sheet.drafts > 0 && ` ${t("give_drafts", { n: sheet.drafts })}`}
            {sheet.conflicts > 0 && ` ${t("give_conflicts", { n: sheet.conflicts })}`}
          </p>
          {own === null && <Act sheet={sheet} ready={left === 0} act={() => void give()} />}
        </>
      )}
    </>
  );
}

/** What was confirmed here and is not at the server, or was not taken. */
function Going({ own }: { readonly own: OwnSeal }) {
  const { db } = useApp();
  if (own.state === "pending") return <p role="status">{t("give_waits")}</p>;
  return (
    <p role="alert">
      {t("give_refused")} {sentence(own.code ?? "")}{" "}
      <button type="button" onClick={() => void dropSeal(db, own)}>
        {t("understood")}
      </button>
    </p>
  );
}

function GivenList({ sheet }: { readonly sheet: Sheet }) {
  const { catalog } = useApp();
  const figures = catalog.kinds.flatMap((kind) => kind.figures);
  return (
    <dl>
      {sheet.figures.map(({ code, nil, digits, ...whole }) => {
        const parts = digits ?? whole;
        const figure = figures.find((one) => one.code === code);
        // Of units (SPEC F-8): of one unit it says nothing that the others do not.
        if (!figure) return null;
        return (
          <div key={code}>
            <dt>{said(figure.label)}</dt>
            <dd>
              <b>{nil ? t("nil") : showAmount(figure, parts.counted + parts.waiting)}</b>{" "}
              <small>{besides(parts, figure)}</small>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

interface ActProps {
  readonly sheet: Sheet;
  /** Nothing is on this phone alone. */
  readonly ready: boolean;
  readonly act: () => void;
}

function Act({ sheet, ready, act }: ActProps) {
  if (!sheet.fresh) return <p role="status">{t("give_nothing_new")}</p>;
  if (!ready) return null;
  const question = t(sheet.submitted > 0 ? "give_question" : "give_question_empty");
  return <TwoTap primary label={t("give")} question={question} no={t("give_not_yet")} act={act} />;
}
