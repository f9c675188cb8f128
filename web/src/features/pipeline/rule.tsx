import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { ruleWords } from "@/components/rule_words";
import { usePreferences } from "@/preferences";
import styles from "./pipeline.module.css";

/** When a schedule starts runs, in words, and as it was written. */
export function Rule({ schedule }: { schedule: Schemas["ScheduleView"] }) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const cron = schedule.definition.schedule_cron;
  return (
    <span>
      {ruleWords(schedule.definition, t, language)}{" "}
      <span className={styles.meta}>
        {schedule.zone}
        {typeof cron === "string" && (
          <>
            {" "}
            · <code>{cron}</code>
          </>
        )}
      </span>
    </span>
  );
}
