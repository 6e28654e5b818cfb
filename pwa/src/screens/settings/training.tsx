// "Tập dượt 5 phút": one banner, one broadcast, one return, in the practice campaign and without a network. What is done is read
// off the records themselves; the return is one that this phone says (outbox/practice.ts), on the page and in the form of any return.
import type { Kind } from "../../core/kind";
import { kindOf } from "../../db/catalog";
import { newest, PAGE } from "../../db/queries";
import type { RecordRow } from "../../db/schema";
import { said, t } from "../../i18n/text";
import { beginNew } from "../../outbox/drafts";
import { returnPractice } from "../../outbox/practice";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { useLive } from "../../ui/live";
import { go } from "../../ui/router";
import { chooseCampaign } from "../home/campaign";

export function TrainingScreen() {
  const { db, catalog, here, unit } = useApp();
  const practice = catalog.campaigns.find((one) => one.practice && !one.archived);
  const done = useLive(async () => {
    const rows = practice ? await newest(db, practice.id, "shown", PAGE) : [];
    // Of this officer's own making on this phone.
    const mine = rows.filter(({ view }) => view.delivery !== undefined).reverse();
    const [photo] = mine.filter((row) => kindOf(catalog, row.kind)?.photos.required);
    const [aired] = mine.filter((row) => kindOf(catalog, row.kind)?.confirm);
    const again = photo && (await db.getAll("writes", "record", photo.record)).length > 1;
    return { photo, aired, again: again === true };
  }, practice?.id);
  if (!practice) return <h1>{t("training_none")}</h1>;
  if (!done) return null;
  const first = (is: (kind: (typeof catalog.kinds)[number]) => unknown) =>
    [...catalog.kinds]
      .sort((a, b) => a.order - b.order)
      .find((kind) => practice.kinds.includes(kind.kind) && is(kind));
  const [withPhoto, broadcast] = [first((kind) => kind.photos.required), first((kind) => kind.confirm)];
  // The form is made for the practice campaign by name: the screens hear of the choice a moment later, and a form that
  // they begin until then would be of the real one.
  const begin = (kind: Kind | undefined) => async () => {
    if (!(kind && unit)) return;
    await chooseCampaign(db, practice.id);
    go(`form/${await beginNew(db, kind, unit.id, practice.id)}`);
  };
  const look = (row: RecordRow) => async () => {
    await chooseCampaign(db, practice.id);
    const hamlet = kindOf(catalog, row.kind)?.fields.find(({ suggest }) => suggest === "hamlets");
    const said = { by: t("training_by"), reason: t("training_reason"), fields: hamlet ? [hamlet.name] : [] };
    await returnPractice(db, row.record, said);
    go(`record/${row.record}`);
  };
  const { photo, aired, again } = done;
  const steps = [
    {
      done: Boolean(photo),
      text: t("training_banner", { kind: said(withPhoto?.label) }),
      act: begin(withPhoto),
    },
    {
      done: Boolean(aired),
      text: t("training_aired", { kind: said(broadcast?.label) }),
      act: begin(broadcast),
    },
    { done: again, text: t("training_return"), act: photo && look(photo) },
  ];
  const next = steps.findIndex((step) => !step.done);
  return (
    <>
      <h1>{t("training")}</h1>
      <p>{t("training_help")}</p>
      <ol class="steps">
        {steps.map(({ done: isDone, text, act }, at) => (
          <li key={text} class="asked" aria-current={at === next ? "step" : undefined}>
            <p>
              {isDone && <Icon name="done" />} <b>{text}</b> {isDone && t("training_done")}
            </p>
            {!isDone && act && (
              <button type="button" class={at === next ? "primary" : ""} onClick={act}>
                {t(at === 2 ? "training_look" : "training_begin")}
              </button>
            )}
          </li>
        ))}
      </ol>
      {next < 0 && <p role="status">{t("training_all")}</p>}
      {here === practice.id && (
        <button
          type="button"
          onClick={() => {
            const real = catalog.campaigns.find((one) => !(one.practice || one.archived));
            if (real) void chooseCampaign(db, real.id).then(() => go(""));
          }}
        >
          {t("training_leave")}
        </button>
      )}
    </>
  );
}
