import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { bytesText, durationText, roughDuration } from "@/components/moment";
import { Status } from "@/components/status";
import { useNow } from "@/components/time";
import { usePreferences } from "@/preferences";
import { Bar } from "@/ui/bar";
import { Section } from "@/ui/page";
import { type Progress, progressOf } from "./health";
import styles from "./home.module.css";

type Running = Schemas["RunningView"];

/** Whoever holds a slot: how far it is, and what it uses. */
export function RunningNow({ runs, total }: { runs: readonly Running[]; total: number }) {
  const { t } = useTranslation("home");
  return (
    <Section title={t("runningNow")} isFlush>
      {runs.length === 0 && <p className={styles.quiet}>{t("nothingRuns")}</p>}
      <ul>
        {runs.map((run) => (
          <Row key={run.run_id} run={run} />
        ))}
      </ul>
      {total > runs.length && (
        <p className={styles.rest}>
          <Link to="/runs" search={{ status: ["RUNNING", "RETRYING"] }}>
            {t("allRunning", { count: total })}
          </Link>
        </p>
      )}
    </Section>
  );
}

function Row({ run }: { run: Running }) {
  const progress = progressOf(run, useNow());
  return (
    <li className={styles.running}>
      <div className={styles.who}>
        <Status status={run.status} />
        <Link to="/runs/$runId" params={{ runId: run.run_id }} className={styles.name}>
          {run.pipeline_name}
        </Link>
      </div>
      <div className={styles.gauge}>
        <span className={styles.figures}>
          <ProgressText progress={progress} attempt={run.attempt} />
        </span>
        <Bar share={shareOf(progress)} tone="running" />
      </div>
      <Usage run={run} />
    </li>
  );
}

function shareOf(progress: Progress): number | undefined {
  if (progress.kind === "expected") return progress.elapsed / progress.estimated;
  return progress.kind === "late" ? 1 : undefined;
}

/** What counts on has whole seconds. */
function countedText(seconds: number, language: string): string {
  return seconds < 60 ? roughDuration(Math.floor(seconds)) : durationText(Math.floor(seconds), language);
}

function ProgressText({ progress, attempt }: { progress: Progress; attempt: number }) {
  const { t } = useTranslation("home");
  const { language } = usePreferences();
  const elapsed = progress.kind === "preparing" ? "" : countedText(progress.elapsed, language);
  const which = attempt > 1 ? ` · ${t("attempt", { number: attempt })}` : "";
  const words = {
    preparing: () => t("progress.preparing"),
    unknown: () => t("progress.unknown", { elapsed }),
    expected: ({ left }: { left: number }) => t("progress.expected", { elapsed, left: roughDuration(left) }),
    late: ({ over }: { over: number }) => t("progress.late", { elapsed, over: roughDuration(over) }),
  };
  return (
    <span>
      {words[progress.kind](progress as never)}
      {which}
    </span>
  );
}

const ALARM_SHARE = 0.9;

/** CPU and memory, each against its limit. */
function Usage({ run }: { run: Running }) {
  const { t } = useTranslation("home");
  const { language } = usePreferences();
  const cores = run.sample && run.sample.cpu_percent / 100;
  const bytes = run.sample?.memory_bytes ?? null;
  const number = (value: number) => value.toLocaleString(language, { maximumFractionDigits: 2 });
  return (
    <>
      <Gauge
        name={t("cpu")}
        used={cores === null ? null : number(cores)}
        limit={run.cpu_limit_cores && t("cores", { count: run.cpu_limit_cores })}
        share={cores !== null && run.cpu_limit_cores ? cores / run.cpu_limit_cores : null}
      />
      <Gauge
        name={t("memory")}
        used={bytes === null ? null : bytesText(bytes, language)}
        limit={run.memory_limit_bytes && bytesText(run.memory_limit_bytes, language)}
        share={bytes !== null && run.memory_limit_bytes ? bytes / run.memory_limit_bytes : null}
        isAlarming
      />
    </>
  );
}

interface GaugeProps {
  name: string;
  used: string | null;
  limit: string | number | null;
  share: number | null;
  /** Nearing the limit is dangerous: at it the run is killed, not slowed. */
  isAlarming?: boolean;
}

function Gauge({ name, used, limit, share, isAlarming = false }: GaugeProps) {
  const { t } = useTranslation("home");
  const amount = used === null ? "–" : limit ? t("usedOf", { used, limit }) : used;
  return (
    <div className={styles.gauge}>
      <span className={styles.figures}>
        <span className={styles.label}>{name}</span> {amount}
      </span>
      <Bar share={share ?? 0} tone={isAlarming && (share ?? 0) >= ALARM_SHARE ? "alarm" : "plain"} />
    </div>
  );
}
