import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/components/loaded";
import { PipelineLink } from "@/components/pipeline_link";
import { Moment } from "@/components/time";
import { Section } from "@/ui/page";
import styles from "./home.module.css";
import { nextQuery } from "./queries";

/** What starts by itself next, counting down. */
export function Next() {
  const { t } = useTranslation("home");
  const query = useQuery(nextQuery);
  return (
    <Section title={t("next")} actions={<Link to="/schedules">{t("allSchedules")}</Link>} isFlush>
      <Loaded query={query} rows={3}>
        {({ occurrences }) =>
          occurrences.length === 0 ? (
            <p className={styles.quiet}>{t("nothingNext")}</p>
          ) : (
            <ul>
              {occurrences.map((due) => (
                <li key={`${due.schedule_id} ${due.due_at}`} className={styles.pair}>
                  <PipelineLink name={due.pipeline_name} className={styles.name} />
                  <span className={styles.when}>
                    <Moment at={due.due_at} />
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}
