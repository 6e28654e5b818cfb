// "Xác nhận và gửi số liệu" from the phone (SPEC L-2): what the server would take as the unit's figures, who made and approved
// them, then the statement. Without a network it is about what the server sent last; what is still on this phone is said first.
import { useEffect, useRef, useState } from "preact/hooks";
import { status } from "../db/queries";
import { meta, type Sheet } from "../db/schema";
import { exchangeNow } from "../exchange/triggers";
import { said, sentence, t } from "../i18n/text";
import { keepSeal, keepSheet, type OwnSeal, sealOf, sheetOf } from "../outbox/seals";
import { dropEntry } from "../outbox/words";
import { today } from "../platform/clock";
import { call, Problem } from "../platform/http";
import { useApp } from "../ui/app-context";
import { DateInput } from "../ui/fields/simple";
import { useLive } from "../ui/live";
import { notify } from "../ui/notice";
import { besides, showAmount, showDay, showTime } from "../ui/show";
import { TwoTap } from "../ui/two-tap";
import { UnitReport } from "./summary";

function why(error: unknown): string {
  return error instanceof Problem && error.status > 0 ? sentence(error.code) : t("unreachable");
}

export function GiveScreen() {
  const { db, session, campaign, unit } = useApp();
  const [failure, setFailure] = useState("");
  const [tries, setTries] = useState(0);
  const [answered, setAnswered] = useState(false);
  const now = useLive(() => status(db));
  const path = `figures/${campaign?.id}/${unit?.id}`;
  const own = useLive(() => sealOf(db, unit?.id ?? "", campaign?.id ?? ""), path);
  // As the server sent it last: without a network that is what is confirmed, and the server asks again if it changed.
  const sheet = useLive(() => sheetOf(db, path), path);
  const waits = own?.state === "pending";
  const waited = useRef(false);
  const left = (now?.on_phone ?? 0) + (now?.refused ?? 0);
  const practice = campaign?.practice;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again with each try, and when all was sent.
  useEffect(() => {
    if (!(campaign && unit)) return;
    let here = true;
    setFailure("");
    setAnswered(false);
    call(session.token, path)
      .then((answer) => answer.json())
      .then((found: Sheet) => keepSheet(db, path, found))
      .then(() => here && setAnswered(true))
      .catch((error: unknown) => here && setFailure(why(error)));
    return () => {
      here = false;
    };
  }, [path, tries, left, waits]);
  useEffect(() => {
    if (waited.current && own === null) notify(t("give_done"));
    waited.current = waits;
  }, [waits, own]);
  const give = async (signers: Signers) => {
    if (!(sheet && unit && campaign)) return;
    const { shown, basis, submitted } = sheet;
    const empty = submitted === 0;
    const seal = {
      ...{ unit: unit.id, campaign: campaign.id, shown, empty, current: true },
      ...(basis && { basis }),
    };
    await keepSeal(db, { ...seal, ...signers });
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
      {failure && (
        <>
          <p role="alert">{failure}</p>
          <button type="button" onClick={() => setTries(tries + 1)}>
            {t("try_again")}
          </button>
        </>
      )}
      {!answered && <SentAt at={sheet?.told_at} failed={failure !== ""} />}
      {sheet && (
        <>
          <Before {...sheet} />
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
          {(own === null || own?.state === "refused") && (
            <Act key={path} sheet={sheet} ready={left === 0} act={(signers) => void give(signers)} />
          )}
        </>
      )}
      <UnitReport />
    </>
  );
}

/** Of when the figures are that stand here until the server answers; without any, only that it is asked. */
function SentAt({ at, failed }: { readonly at: number | undefined; readonly failed: boolean }) {
  if (failed) return at ? <p class="alert">{t("give_as_of", { at: showTime(at) })}</p> : null;
  return (
    <p role="status">
      {t("give_asking")} {at && t("give_told", { at: showTime(at) })}
    </p>
  );
}

/** Who confirmed before, and who stands for it. */
function Before({ sealed_at, sealed_by, prepared_by, approved_by, approved_title, approved_on }: Sheet) {
  if (sealed_at === null) return null;
  const leader = [approved_by, approved_title].filter(Boolean).join(", ");
  return (
    <p class="alert">
      {t("give_before", { by: sealed_by, at: showTime(sealed_at) })}
      {prepared_by && ` ${t("give_prepared", { name: prepared_by })}`}
      {approved_by && ` ${t("give_approved", { name: leader, day: showDay(approved_on) })}`}
    </p>
  );
}

/** What was confirmed here and is not at the server, or was not taken. */
function Going({ own }: { readonly own: OwnSeal }) {
  const { db } = useApp();
  if (own.state === "pending") return <p role="status">{t("give_waits")}</p>;
  return (
    <p role="alert">
      {t("give_refused")} {sentence(own.code ?? "")}{" "}
      <button type="button" onClick={() => void dropEntry(db, own.id)}>
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

/** By the names of the entry's keys (SPEC X-62). */
type Signers = Readonly<Record<"prepared_by" | "approved_by" | "approved_title" | "approved_on", string>>;

interface ActProps {
  readonly sheet: Sheet;
  /** Nothing is on this phone alone. */
  readonly ready: boolean;
  readonly act: (signers: Signers) => void;
}

/** Who made the figures, and which leader approved them: written once, proposed from then on, but for the day. */
function Act({ sheet, ready, act }: ActProps) {
  const { db, catalog } = useApp();
  const kept = useLive(async () => (await meta(db, "signers")) ?? {});
  const [typed, setTyped] = useState<Partial<Signers>>({});
  const first = useRef(sheet.basis);
  if (!sheet.fresh) return <p role="status">{t("give_nothing_new")}</p>;
  if (!(ready && kept)) return null;
  const signers: Signers = {
    prepared_by: kept["prepared_by"] ?? catalog.officer.name,
    approved_by: kept["approved_by"] ?? "",
    approved_title: kept["approved_title"] ?? "",
    approved_on: today(),
    ...typed,
  };
  const text = (name: keyof Signers, label: string) => (
    <label>
      <small>{label}</small>
      <input
        value={signers[name]}
        maxLength={100}
        onInput={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
      />
    </label>
  );
  const question = t(sheet.submitted > 0 ? "give_question" : "give_question_empty");
  const done = async () => {
    const { approved_on: _day, ...lasting } = signers;
    await db.put("meta", lasting, "signers");
    // Without a leader no day says anything.
    act(signers.approved_by ? signers : { ...signers, approved_title: "", approved_on: "" });
  };
  return (
    <>
      <fieldset>
        <legend>{t("give_signers")}</legend>
        {text("prepared_by", t("give_prepared_by"))}
        {text("approved_by", t("give_approved_by"))}
        {text("approved_title", t("give_approved_title"))}
        <label>
          <small>{t("give_approved_on")}</small>
          <DateInput
            value={signers.approved_on || null}
            set={(day) => setTyped({ ...typed, approved_on: String(day ?? "") })}
          />
        </label>
      </fieldset>
      {first.current !== sheet.basis && (
        <p role="alert" class="alert">
          {t("give_again")}
        </p>
      )}
      {/* Other figures than the question was asked of: it closes. */}
      <TwoTap
        key={sheet.basis}
        primary
        label={t("give")}
        question={question}
        no={t("give_not_yet")}
        act={() => void done()}
      />
    </>
  );
}
