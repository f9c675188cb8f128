import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { bytesText, durationText } from "@/components/moment";
import { usePreferences } from "@/preferences";
import styles from "./pipeline.module.css";
import { specQuery } from "./queries";
import { type Limit, Trend, type TrendPoint } from "./trend";

type Run = Schemas["RunView"];

/** How long the last runs took and how much memory they needed, with the limits that the newest had. */
export function Trends({ runs }: { runs: readonly Run[] }) {
  const { t } = useTranslation("pipeline");
  const { language } = usePreferences();
  // One that was refused was never promised any limits.
  const newest = runs.find(({ started_at }) => started_at !== null);
  const spec = useQuery(specQuery(newest?.id ?? "")).data?.spec;
  const limit = (key: string, name: string, isHard: boolean): Limit[] => {
    const value = spec?.[key];
    return typeof value === "number" && value > 0 ? [{ name, value, isHard }] : [];
  };
  const seconds = pointsOf(runs, ({ started_at, finished_at }) =>
    started_at && finished_at ? (Date.parse(finished_at) - Date.parse(started_at)) / 1000 : null,
  );
  const memory = pointsOf(runs, ({ peak_memory_bytes }) => peak_memory_bytes);
  return (
    <div className={styles.trends}>
      {seconds.length > 0 && (
        <Trend
          title={t("durations")}
          points={seconds}
          limits={limit("timeout_seconds", t("timeout"), true)}
          text={(value) => durationText(value, language)}
        />
      )}
      {memory.length > 0 && (
        <Trend
          title={t("peakMemory")}
          points={memory}
          limits={[
            ...limit("memory_bytes", t("hardLimit"), true),
            ...limit("soft_memory_bytes", t("softLimit"), false),
          ]}
          text={(value) => bytesText(value, language)}
        />
      )}
    </div>
  );
}

/** From old to new, those that have the value. */
function pointsOf(runs: readonly Run[], measure: (run: Run) => number | null): TrendPoint[] {
  return runs
    .flatMap((run) => {
      const value = measure(run);
      return value === null ? [] : [{ id: run.id, status: run.status, value }];
    })
    .reverse();
}
