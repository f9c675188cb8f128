import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Sentence } from "@/components/sentence";
import { Status } from "@/components/status";
import { useNow } from "@/components/time";
import { usePreferences } from "@/preferences";
import { lastWordsQuery } from "./queries";
import { hasEnded, reasonOf, verdictOf } from "./sentence";
import styles from "./verdict.module.css";

const MOST_CHARACTERS = 300;

/** Whether the server's own sentence, which is English, says what to do; then it is not said twice. */
const TELLS_REMEDY: Record<Schemas["Outcome"], boolean> = {
  exited: true,
  out_of_memory: true,
  timed_out: true,
  cancelled: false,
  environment_failed: false,
  manifest_invalid: false,
  secrets_unavailable: false,
  host_lost: false,
  platform_error: false,
  rejected: false,
  not_started: false,
};

/** Whose move it is. What somebody gave to a run is neither the pipeline's fault nor the server's. */
function moverOf({ outcome, blame }: Schemas["RunDetail"]): Schemas["Blame"] | "starter" {
  return outcome === "rejected" ? "starter" : (blame ?? "nobody");
}

/** What happened, why, and whose move it is: the first thing to read. */
export function Verdict({ run }: { run: Schemas["RunDetail"] }) {
  const { t } = useTranslation(["run", "general"]);
  const { language } = usePreferences();
  const now = useNow();
  const isSettled = hasEnded(run) && run.status !== "SUCCESS";
  const reason = reasonOf(run);
  return (
    <div className={styles.verdict} data-status={run.status}>
      {/* A screen reader hears how it went on, not the sentence, which may count the seconds. */}
      <span className={styles.shape} role="status">
        <Status status={run.status} />
      </span>
      <div className={styles.words}>
        <p className={styles.sentence}>{verdictOf(run, now, t, language)}</p>
        {reason !== null && (
          <p className={styles.reason}>
            {language !== "en" && <span className={styles.speaker}>{t("serverSays")} </span>}
            <Sentence text={reason} />
          </p>
        )}
        {run.outcome === "exited" && run.status === "FAILED" && <LastWords run={run} />}
        {isSettled && run.outcome !== null && (
          <p className={styles.move}>
            <strong>{t(`move.${moverOf(run)}`)} </strong>
            {!(language === "en" && TELLS_REMEDY[run.outcome]) && t(`remedy.${run.outcome}`)}
          </p>
        )}
        {run.warnings.length > 0 && (
          <ul className={styles.warnings} aria-label={t("warnings")}>
            {run.warnings.map((warning) => (
              <li key={warning}>
                <Sentence text={warning} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** The last line on stderr, where it is what the run itself says of why it failed. */
function LastWords({ run }: { run: Schemas["RunDetail"] }) {
  const { t } = useTranslation("run");
  const lines = run.attempts.reduce((sum, attempt) => sum + (attempt.log_lines ?? 0), 0);
  const { data } = useQuery(lastWordsQuery(run.id, lines));
  // It keeps its place while it is looked for: nothing below is pushed down.
  if (data === null) return null;
  return (
    <p className={styles.lastWords}>
      <span className={styles.speaker}>{t("lastWords")} </span>
      <code>{data?.slice(0, MOST_CHARACTERS)}</code>
    </p>
  );
}
