import { Link } from "@tanstack/react-router";
import { CircleAlert, PowerOff } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { durationText } from "@/components/moment";
import { errorOf } from "@/components/pipeline_error";
import { latestOf } from "@/components/recent_query";
import { RunStrip } from "@/components/run_strip";
import { Status } from "@/components/status";
import { Moment } from "@/components/time";
import { StartButton } from "@/features/start/start_button";
import { usePreferences } from "@/preferences";
import { Sparkline } from "@/ui/sparkline";
import type { PipelineSummary } from "./filter";
import styles from "./pipelines.module.css";

interface PipelineRowProps {
  pipeline: PipelineSummary;
  /** How it did lately; not yet known while it is being asked for. */
  recent: Schemas["RecentView"] | undefined;
}

/** One pipeline: how it did, what it is, when it is due, and the button that starts it. */
export const PipelineRow = memo(function PipelineRow({ pipeline, recent }: PipelineRowProps) {
  const { t } = useTranslation("pipelines");
  const { language } = usePreferences();
  const last = recent && latestOf(recent);
  const percent = pipeline.statistics.success_percent;
  return (
    <>
      <span className={styles.status}>{last && <Status status={last.status} />}</span>
      <span className={styles.what}>
        <Link to="/pipelines/$name" params={{ name: pipeline.name }} className={styles.name} preload={false}>
          {pipeline.name}
        </Link>
        <Line pipeline={pipeline} />
      </span>
      <span className={styles.strip}>
        {recent?.runs.length === 0 && <span className={styles.quiet}>{t("neverRan")}</span>}
        {recent && <RunStrip runs={recent.runs} name={pipeline.name} />}
      </span>
      <span className={styles.figure}>
        {percent !== null && (
          <>
            <span className="visually-hidden">{t("column.success")} </span>
            {Math.floor(percent).toLocaleString(language)} %
          </>
        )}
      </span>
      <span className={styles.wideOnly}>{recent && <Durations runs={recent.runs} />}</span>
      <span className={styles.next}>
        {recent?.next_due_at && (
          <>
            <span className="visually-hidden">{t("column.next")} </span>
            <Moment at={recent.next_due_at} />
          </>
        )}
      </span>
      <span className={styles.start}>
        <StartButton pipeline={pipeline} kind="quiet" />
      </span>
    </>
  );
});

/** Under the name: what is wrong with it, else what it is for. */
function Line({ pipeline }: { pipeline: PipelineSummary }) {
  const { t } = useTranslation("pipelines");
  if (!pipeline.is_valid) {
    const message = errorOf(pipeline);
    return (
      <span className={styles.invalid} title={message}>
        <CircleAlert aria-hidden />
        {t("invalidMark")}: {message.split("\n")[0]}
      </span>
    );
  }
  return (
    <span className={styles.description}>
      {!pipeline.is_enabled && (
        <span className={styles.disabled}>
          <PowerOff aria-hidden />
          {t("disabledMark")}{" "}
        </span>
      )}
      {pipeline.description}
    </span>
  );
}

/** How long the successful ones took, from old to new. */
function Durations({ runs }: { runs: readonly Schemas["RecentRunView"][] }) {
  const { t } = useTranslation("pipelines");
  const { language } = usePreferences();
  const seconds = runs
    .filter(({ status, duration_seconds }) => status === "SUCCESS" && duration_seconds !== null)
    .map(({ duration_seconds }) => duration_seconds as number)
    .reverse();
  if (seconds.length === 0) return null;
  const text = (value: number | undefined) => durationText(value ?? 0, language);
  const label = t("durations", {
    least: text(Math.min(...seconds)),
    most: text(Math.max(...seconds)),
    last: text(seconds.at(-1)),
  });
  return <Sparkline values={seconds} label={label} />;
}
