// Settings: all that an officer may choose, and the ways that are seldom taken, in one place.
import { useState } from "preact/hooks";
import { APP } from "../../core/protocol";
import { meta } from "../../db/schema";
import { exchangeNow } from "../../exchange/triggers";
import { t } from "../../i18n/text";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { LanguageSwitch } from "../../ui/frame";
import { useLive } from "../../ui/live";
import { Section } from "../../ui/section";
import { chooseTextSize, SIZES, textSize } from "../../ui/text-size";
import { Gauge } from "../sync/storage";

const NAMES = ["text_usual", "text_large", "text_largest"] as const;

export function SettingsScreen() {
  const { db, catalog, unit } = useApp();
  const [size, setSize] = useState(textSize);
  const wifi = useLive(async () => (await meta(db, "wifi_only")) ?? false);
  const setWifi = (on: boolean) =>
    void db.put("meta", on, "wifi_only").then(() => {
      changed();
      exchangeNow();
    });
  return (
    <>
      <h1>{t("settings")}</h1>
      <p>
        {catalog.officer.name} · {unit?.name}
      </p>
      <Section title={t("text_size")}>
        <div class="row" role="radiogroup" aria-label={t("text_size")}>
          {SIZES.map((one, at) => (
            <label key={one} class="card">
              <input
                type="radio"
                name="text-size"
                checked={one === size}
                onClick={() => {
                  chooseTextSize(one);
                  setSize(one);
                }}
              />
              <span>{t(NAMES[at] ?? "text_usual")}</span>
            </label>
          ))}
        </div>
      </Section>
      <Section title={t("language")}>
        <LanguageSwitch />
      </Section>
      <Section title={t("photos")}>
        <label class="check">
          <input
            type="checkbox"
            checked={wifi ?? false}
            onChange={(event) => setWifi(event.currentTarget.checked)}
          />
          <span>{t("wifi_only")}</span>
        </label>
        <p>
          <small>{t("wifi_only_help")}</small>
        </p>
      </Section>
      <Gauge />
      <Section title={t("settings_more")}>
        <ul>
          {(
            [
              ["training", "training"],
              ["guide", "guide"],
              ["pin", "pin_choose"],
              ["officers", "officers"],
              ["rescue", "rescue"],
              ["enrol", "enrol_again"],
              ["leave", "leave"],
            ] as const
          ).map(([address, name]) => (
            <li key={address}>
              <a class="tap" href={`#/${address}`}>
                {t(name)}
              </a>
            </li>
          ))}
        </ul>
      </Section>
      <p>
        <small>{t("version", { app: APP })}</small>
      </p>
    </>
  );
}
