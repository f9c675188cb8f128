import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { durationText, roughDuration } from "@/components/moment";
import { useNow } from "@/components/time";
import { usePreferences } from "@/preferences";
import { Meter } from "@/ui/meter";
import styles from "./run_page.module.css";
import { hasEnded } from "./sentence";

/** How far a run is: what has passed against what its last runs took; while it is being ended, that. */
export function Progress({ run }: { run: Schemas["RunDetail"] }) {
  if (hasEnded(run)) return null;
  if (run.cancel_requested_at !== null) return <Grace since={run.cancel_requested_at} />;
  if (run.estimated_seconds === null) return null;
  return <Expected since={run.started_at} usual={run.estimated_seconds} />;
}

function Expected({ since, usual }: { since: string | null; usual: number }) {
  const { t } = useTranslation("run");
  const { language } = usePreferences();
  const now = useNow();
  const left = since === null ? usual : usual - (now - Date.parse(since)) / 1000;
  const words = { usual: durationText(usual, language) };
  let text: string = t("progress.left", { ...words, left: roughDuration(left) });
  if (since === null) text = t("progress.usual", words);
  else if (left < 1) text = t("progress.beyond", words);
  return (
    <div className={styles.progress}>
      <Meter label={t("progress.label")} share={1 - left / usual} text={text} />
      <p className={styles.progressText}>{text}</p>
    </div>
  );
}

function Grace({ since }: { since: string }) {
  const { t } = useTranslation(["run", "general"]);
  const now = useNow();
  const seconds = (now - Date.parse(since)) / 1000;
  const when =
    seconds < 1 ? t("general:time.now") : t("general:time.ago", { duration: roughDuration(seconds) });
  return <p className={styles.progressText}>{t("progress.grace", { when })}</p>;
}
