import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { RetryButton } from "@/components/retry_button";
import { Said } from "@/components/said";
import { Status } from "@/components/status";
import { Moment } from "@/components/time";
import { Section } from "@/ui/page";
import styles from "./home.module.css";

/** What failed within a day: why, and the way to try it again. */
export function FailedLately(props: { runs: readonly Schemas["FailedRunView"][]; total: number }) {
  const { t } = useTranslation("home");
  const { runs, total } = props;
  return (
    <Section title={t("failedLately")} isFlush>
      {runs.length === 0 && <p className={styles.quiet}>{t("nothingFailed")}</p>}
      <ul>
        {runs.map((run) => (
          <li key={run.run_id} className={styles.failed}>
            <div className={styles.what}>
              <div className={styles.who}>
                <Status status="FAILED" />
                <Link to="/runs/$runId" params={{ runId: run.run_id }} className={styles.name}>
                  {run.pipeline_name}
                </Link>
                <span className={styles.when}>
                  <Moment at={run.finished_at} />
                </span>
              </div>
              <p className={styles.reason}>
                <Said code={run.outcome} text={run.reason ?? ""} />
              </p>
            </div>
            <RetryButton runId={run.run_id} pipelineName={run.pipeline_name} />
          </li>
        ))}
      </ul>
      {total > runs.length && (
        <p className={styles.rest}>
          <Link to="/runs" search={{ status: ["FAILED"], period: "24h" }}>
            {t("allFailed", { count: total })}
          </Link>
        </p>
      )}
    </Section>
  );
}
