import { useTranslation } from "react-i18next";
import { durationText, momentText } from "@/components/moment";
import { Status } from "@/components/status";
import { usePreferences } from "@/preferences";
import styles from "./timeline.module.css";
import { type Mark, summaryOf } from "./timeline_scale";

interface TimelineSummaryProps {
  marks: readonly Mark[];
  span: [number, number];
  unstarted: number;
  isCut: boolean;
}

/** The same in words; its first line is the key to the marks. */
export function TimelineSummary({ marks, span, unstarted, isCut }: TimelineSummaryProps) {
  const { t } = useTranslation("runs");
  const preferences = usePreferences();
  const summary = summaryOf(marks);
  if (!summary) return null;
  const { language } = preferences;
  const [from, to] = span.map((at) => momentText(new Date(at), preferences, false));
  return (
    <div className={styles.summary}>
      <p className={styles.counts}>
        {t("timelineSpan", { count: marks.length, from: from ?? "", to: to ?? "" })}
        {summary.counts.map(([status, count]) => (
          <span key={status} className={styles.count}>
            {count.toLocaleString(language)} <Status status={status} hasWord />
          </span>
        ))}
      </p>
      <p>
        {t("timelineMedian", {
          duration: durationText(summary.medianSeconds, language),
          pipeline: summary.longest.run.pipeline_name,
          longest: durationText(summary.longest.seconds, language),
        })}
        {unstarted > 0 && ` ${t("timelineUnstarted", { count: unstarted })}`}
        {isCut && ` ${t("timelineMost", { count: marks.length + unstarted })}`}
      </p>
    </div>
  );
}
