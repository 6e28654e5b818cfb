// Search: words, a state, a kind; results by the page, the newest first. All of it on this phone, without a network.
import { useLayoutEffect } from "preact/hooks";
import { newest, PAGE } from "../db/queries";
import { found, recordsOf, searched } from "../db/records";
import { said, t, word } from "../i18n/text";
import { useApp } from "../ui/app-context";
import { whyNoDay } from "../ui/fields/field";
import { DateInput } from "../ui/fields/simple";
import { Item } from "../ui/item";
import { useLive } from "../ui/live";
import { useKept } from "../ui/router";
import { More } from "./list";
import { OF_KIND, STATES } from "./plan/use-plan";

const DAYS = [
  ["from", "search_from"],
  ["to", "search_to"],
] as const;

/** `id` is the state that a link asks for, or a kind behind `OF_KIND`. */
export function Search({ id }: { readonly id: string }) {
  const { db, catalog, campaign, here } = useApp();
  const of = id.startsWith(OF_KIND) ? { state: "", kind: id.slice(OF_KIND.length) } : { state: id, kind: "" };
  const [asked, setAsked] = useKept("asked", { ...of, text: "", from: "", to: "" });
  const [most, setMost] = useKept("most", PAGE);
  const rows = useLive(() => searched(db, here), here);
  // What is no day yet narrows nothing; why stands beside it.
  const known = (day: string) => (whyNoDay(day) ? "" : day);
  const hits = rows && found(rows, { ...asked, from: known(asked.from), to: known(asked.to) });
  const key = JSON.stringify([rows?.length, asked, most]);
  const page = useLive(async () => hits && recordsOf(db, hits.slice(0, most)), key);
  const deleted = useLive(async () => (await newest(db, here, "deleted", 1)).length, here);
  const shown = page !== undefined;
  useLayoutEffect(() => {
    if (shown) scrollTo(0, history.state?.scroll ?? 0);
  }, [shown]);
  const ask = (part: Partial<typeof asked>) => {
    setAsked({ ...asked, ...part });
    setMost(PAGE);
  };
  const choice = (part: "state" | "kind", label: string, options: readonly (readonly [string, string])[]) => (
    <label>
      <small>{label}</small>
      <select value={asked[part]} onChange={(event) => ask({ [part]: event.currentTarget.value })}>
        <option value="">{t("any")}</option>
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
  const kinds = catalog.kinds.filter((kind) => campaign?.kinds.includes(kind.kind) && !kind.act);
  return (
    <>
      <h1>{t("search")}</h1>
      <label>
        <small>{t("search_words")}</small>
        <input
          type="search"
          value={asked.text}
          onInput={(event) => ask({ text: event.currentTarget.value })}
        />
      </label>
      <div class="row">
        {choice(
          "state",
          t("state"),
          STATES.map((name) => [name, word("states", name)]),
        )}
        {choice(
          "kind",
          t("kind"),
          kinds.map((kind) => [kind.kind, said(kind.label)]),
        )}
      </div>
      <details open={Boolean(asked.from || asked.to)}>
        <summary>{t("search_days")}</summary>
        <div class="row">
          {DAYS.map(([name, label]) => (
            <label key={name}>
              <small>{t(label)}</small>
              <DateInput value={asked[name] || null} set={(day) => ask({ [name]: String(day ?? "") })} />
            </label>
          ))}
        </div>
      </details>
      <p role="status">{hits && t("search_found", { n: hits.length })}</p>
      <ul class="items">
        {page?.map((row) => (
          <li key={row.record}>
            <Item row={row} />
          </li>
        ))}
      </ul>
      <More found={hits?.length ?? 0} most={most} set={setMost} />
      {!!deleted && (
        <a class="tap" href="#/deleted">
          {t("deleted_list")}
        </a>
      )}
    </>
  );
}
