// What a record says: photos, then its fields in the kind's order, then those this app does not know, raw (SPEC S-11).

import { stillSaid } from "../../core/checks";
import { answeredBy, type Kind, replacedBy } from "../../core/kind";
import {
  type Fields,
  KEPT_PREFIX,
  namesFile,
  part,
  type Scalar,
  sides,
  type Value,
  values,
} from "../../core/record";
import { verdictToRead } from "../../core/view";
import { byId } from "../../db/catalog";
import type { RecordRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { Look } from "../../ui/look-at";
import { photosIn } from "../../ui/picture";
import {
  countedLines,
  fieldLabel,
  fieldOf,
  hintOf,
  showContribution,
  showKept,
  showLogWeek,
  showProgress,
  showTime,
  showValue,
} from "../../ui/show";
import { Documents } from "../documents";

export function RecordValues({ row, kind }: { readonly row: RecordRow; readonly kind: Kind | undefined }) {
  const { catalog } = useApp();
  const { fields } = row.view;
  const held = values(fields);
  const campaign = byId(catalog.campaigns, row.campaign);
  const asked = verdictToRead(row.view, row.decision) === "returned" ? (row.decision?.fields ?? []) : [];
  const photosAsked = asked.some((name) => name.startsWith("photos"));
  const photos = photosIn(held);
  const kept = keptOf(fields);
  // Of a counted one the lines below say what is counted, and what would be.
  const figures = kind && !row.counted && showContribution(kind, held);
  const progress = showProgress(kind, held);
  return (
    <>
      <div class={photosAsked ? "photos marked" : "photos"}>
        {photosAsked && <strong class="mark">{t("photos_check")}</strong>}
        {photos.map(([name, value], at) => (
          <figure key={name}>
            <Look record={row.record} photos={photos} at={at} size="full" />
            <figcaption>
              {part(value, "log_week") && <b>{showLogWeek(part(value, "log_week"))}</b>}
              <small>
                {t(part(value, "undated") ? "photo_added" : "photo_taken", {
                  time: showTime(Number(part(value, "taken_at"))),
                })}
              </small>
            </figcaption>
          </figure>
        ))}
      </div>
      <Documents kind={kind} record={row.record} held={held} />
      <dl>
        {shownNames(row, kind, asked).map((name) => {
          const field = fieldOf(kind, name);
          return (
            <div key={name} class={asked.includes(name) ? "marked" : ""}>
              <dt>{fieldLabel(kind, name)}</dt>
              <dd>
                {sides(fields, name)
                  .map((side) => showValue(field, side, campaign))
                  .join(" / ") || t("nothing")}
                {held[name] !== undefined && kind && replacedBy(kind, name, held) && ` (${t("not_added")})`}
                {field && answeredBy(field, held) && ` (${hintOf(answeredBy(field, held))})`}
                {field?.type === "place" && held[name] && (
                  <a class="tap" href={mapOf(held[name])} target="_blank" rel="noreferrer">
                    {t("place_map")}
                  </a>
                )}
                {field?.type === "file" && held[name] && (
                  <a class="tap" href={`#/file/${held[name]}`}>
                    {t("file_open")}
                  </a>
                )}
              </dd>
            </div>
          );
        })}
        {Object.keys(kept).length > 0 && (
          <div>
            <dt>{fieldLabel(kind, KEPT_PREFIX)}</dt>
            <dd>{showKept(kind, kept, campaign)}</dd>
          </div>
        )}
      </dl>
      {progress && <p class="figures">{progress}</p>}
      {figures && <p>{t("adds_record", { what: figures })}</p>}
      {kind &&
        row.counted &&
        countedLines(kind, row.counted.values, held).map((text) => <p key={text}>{text}</p>)}
    </>
  );
}

/** What officers keep of what it says now, whichever check asked; of values that are others by now it is history. */
function keptOf(fields: Fields): Readonly<Record<string, Scalar>> {
  const held = values(fields);
  const said = Object.keys(fields)
    .filter(isKept)
    .flatMap((name) => sides(fields, name));
  return Object.assign({}, ...said.filter((side) => stillSaid(side, held)));
}

function isKept(name: string): boolean {
  return name.startsWith(KEPT_PREFIX);
}

/** The phone's own map, without a network where it has one; an iPhone knows another address. */
function mapOf(place: Value): string {
  const [lat, lon] = ["lat_e6", "lon_e6"].map((name) => (Number(part(place, name)) / 1e6).toFixed(6));
  const apple = /iPhone|iPad|Macintosh/.test(navigator.userAgent);
  return apple ? `https://maps.apple.com/?q=${lat},${lon}` : `geo:${lat},${lon}?q=${lat},${lon}`;
}

/** A field that a reviewer asks for is shown empty too. */
function shownNames({ view }: RecordRow, kind: Kind | undefined, asked: readonly string[]): string[] {
  const fields = kind?.fields ?? [];
  // Who answered stands beside the answer; how its schedule counts, with what it comes to (SPEC F-20).
  const by = [
    ...fields.flatMap(({ said_by }) => said_by ?? []),
    ...(kind?.confirm ? [kind.confirm.when] : []),
  ];
  const known = fields.map((field) => field.name).filter((name) => !by.includes(name));
  // Three answers: that nobody gave one is said, too.
  const answers = fields.filter(({ said_by }) => said_by).map(({ name }) => name);
  const marks = ["deleted", "submitted", ...known, ...by];
  // What is said by the day has its own place (aired.tsx).
  const days = `${kind?.confirm?.register}/`;
  const other = Object.keys(view.fields).filter(
    (name) => !(namesFile(name) || name.startsWith(days) || marks.includes(name) || isKept(name)),
  );
  return [
    ...known.filter((name) => name in view.fields || asked.includes(name) || answers.includes(name)),
    ...other.sort(),
  ];
}
