import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { usePreferences } from "@/preferences";
import { ruleWords } from "./rule_words";
import { ErrorText } from "./said";
import styles from "./schedule_preview.module.css";
import { Moment } from "./time";

export interface Wish {
  cron: string;
  /** null: by the cron expression. */
  everySeconds: number | null;
  zone: string;
}

function previewQuery({ cron, everySeconds, zone }: Wish) {
  const rule = everySeconds === null ? { schedule_cron: cron } : { schedule_interval_seconds: everySeconds };
  const query = { ...rule, ...(zone && { timezone: zone }) };
  return queryOptions({
    queryKey: ["preview", query],
    queryFn: ({ signal }) => ask(client.GET("/api/schedules/preview", { signal, params: { query } })),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** What a schedule would do: in words, and when it would be due first; or what is wrong with it. */
export function SchedulePreview({ wish }: { wish: Wish }) {
  const { t } = useTranslation("schedules");
  const { t: general } = useTranslation();
  const { language } = usePreferences();
  const { data, error } = useQuery(previewQuery(wish));
  const definition =
    wish.everySeconds === null
      ? { schedule_cron: wish.cron }
      : { schedule_interval_seconds: wish.everySeconds };
  return (
    <section className={styles.preview} aria-label={t("preview")} aria-live="polite">
      {error ? (
        <p className={styles.problem}>
          <ErrorText error={error} />
        </p>
      ) : (
        data && (
          <>
            <p>
              <strong>{ruleWords(definition, general, language)}</strong> {data.zone}
            </p>
            {data.next.length === 0 && <p>{t("neverDue")}</p>}
            <ol className={styles.moments}>
              {data.next.map(({ due_at: at, local }) => (
                <li key={at}>
                  <code>{local}</code> <Moment at={at} />
                </li>
              ))}
            </ol>
          </>
        )
      )}
    </section>
  );
}
