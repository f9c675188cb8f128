import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Loaded } from "@/components/loaded";
import { PipelineLink } from "@/components/pipeline_link";
import { Moment, useNow } from "@/components/time";
import { usePreferences } from "@/preferences";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { dayOf, type Hour } from "./day";
import { dayQuery } from "./queries";
import styles from "./schedules.module.css";

type Upcoming = Schemas["UpcomingView"];

const FIRST_HOURS = 6;
const MOST_IN_HOUR = 8;

/** What will run within a day, by the hour. */
export function NextDay() {
  const { t } = useTranslation("schedules");
  return (
    <Section title={t("nextDay")} isFlush>
      <Loaded query={useQuery(dayQuery)} rows={5}>
        {({ occurrences }) => <Hours upcoming={occurrences} />}
      </Loaded>
    </Section>
  );
}

function Hours({ upcoming }: { upcoming: readonly Upcoming[] }) {
  const { t } = useTranslation("schedules");
  const [isWhole, setWhole] = useState(false);
  const now = useNow();
  const isUtc = usePreferences().zone === "utc";
  const offset = isUtc ? 0 : -new Date(now).getTimezoneOffset() * 60_000;
  const { hours, frequent } = dayOf(upcoming, now, offset);
  if (hours.length + frequent.length === 0) return <p className={styles.quiet}>{t("nothingDue")}</p>;
  const hidden = hours.length - FIRST_HOURS;
  return (
    <>
      <ol className={styles.hours}>
        {frequent.length > 0 && (
          <li className={styles.hour}>
            <span className={styles.clock}>{t("often")}</span>
            <ul className={styles.starts}>
              {frequent.map((due) => (
                <li key={due.schedule_id}>
                  <PipelineLink name={due.pipeline_name} className={styles.name} />{" "}
                  <span className={styles.meta}>
                    <Moment at={due.due_at} />
                  </span>
                </li>
              ))}
            </ul>
          </li>
        )}
        {hours.slice(0, isWhole ? undefined : FIRST_HOURS).map((hour) => (
          <HourRow key={hour.at} hour={hour} />
        ))}
      </ol>
      {hidden > 0 && !isWhole && (
        <p className={styles.rest}>
          <Button kind="quiet" onClick={() => setWhole(true)}>
            {t("moreHours", { count: hidden })}
          </Button>
        </p>
      )}
    </>
  );
}

function HourRow({ hour }: { hour: Hour }) {
  const { t } = useTranslation("schedules");
  const clock = useClock();
  const rest = hour.due.length - MOST_IN_HOUR;
  return (
    <li className={styles.hour}>
      <span className={styles.clock}>{clock(hour.at)}</span>
      <ul className={styles.starts}>
        {hour.due.slice(0, MOST_IN_HOUR).map((due) => (
          <li key={`${due.schedule_id} ${due.due_at}`}>
            {/* What is due at the full hour stands beside that hour. */}
            {Date.parse(due.due_at) !== hour.at && (
              <time className={styles.meta} dateTime={due.due_at} title={`${due.local} ${due.zone}`}>
                {clock(Date.parse(due.due_at))}
              </time>
            )}{" "}
            <PipelineLink name={due.pipeline_name} className={styles.name} />
          </li>
        ))}
        {rest > 0 && <li className={styles.meta}>{t("moreStarts", { count: rest })}</li>}
      </ul>
    </li>
  );
}

/** Return how to write a moment as a clock shows it. */
function useClock(): (at: number) => string {
  const { language, zone } = usePreferences();
  return (at) =>
    new Date(at).toLocaleTimeString(language === "de" ? "de-DE" : "en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      ...(zone === "utc" && { timeZone: "UTC" }),
    });
}
