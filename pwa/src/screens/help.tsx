// Help without a network: the same texts as the desk's handout (sync/help.*.json), held by the worker. "?" opens what belongs
// to the screen one is on; below it stands all there is.

import { useContext } from "preact/hooks";
import en from "../../../sync/help.en.json?url";
import vi from "../../../sync/help.vi.json?url";
import { language, t } from "../i18n/text";
import { AppContext } from "../ui/app-context";
import { LanguageSwitch } from "../ui/frame";
import { useLive } from "../ui/live";
import { Section } from "../ui/section";

interface Topic {
  readonly title: string;
  /** A picture of `public/help/`. */
  readonly picture?: string;
  /** A paragraph, or steps in their order. */
  readonly text: readonly (string | readonly string[])[];
}

let topics: Promise<Readonly<Record<string, Topic>>> | undefined;

function fetched(): NonNullable<typeof topics> {
  topics ??= fetch(language() === "en" ? en : vi).then((answer) => answer.json());
  return topics;
}

export function HelpText({ of }: { readonly of: string }) {
  const topic = useLive(fetched)?.[of];
  if (!topic) return null;
  return (
    <Section class="help" title={topic.title}>
      {topic.picture && <img src={`${import.meta.env.BASE_URL}help/${topic.picture}.svg`} alt="" />}
      {topic.text.map((part) =>
        typeof part === "string" ? (
          <p key={part}>{part}</p>
        ) : (
          <ol key={String(part)}>
            {part.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        ),
      )}
    </Section>
  );
}

/** All of it on paper: the same text and pictures, A4. */
export function Guide() {
  const all = Object.keys(useLive(fetched) ?? {});
  return (
    <article class="guide">
      <h1>{t("guide")}</h1>
      <div class="asks">
        <p>{t("guide_help")}</p>
        <button type="button" class="primary" onClick={() => print()}>
          {t("guide_print")}
        </button>
      </div>
      {all.map((name) => (
        <HelpText key={name} of={name} />
      ))}
    </article>
  );
}

export function Help({ id }: { readonly id: string }) {
  const all = Object.entries(useLive(fetched) ?? {});
  return (
    <>
      <h1>{t("help")}</h1>
      <HelpText of={id || "home"} />
      <Section title={t("help_all")}>
        <ul>
          {all.map(([name, { title }]) => (
            <li key={name}>
              <a class="tap" href={`#/help/${name}`}>
                {title}
              </a>
            </li>
          ))}
        </ul>
      </Section>
      {useContext(AppContext) && (
        <a class="button" href="#/training">
          {t("training_try")}
        </a>
      )}
      <a class="tap" href="#/guide">
        {t("guide")}
      </a>
      <LanguageSwitch />
    </>
  );
}
