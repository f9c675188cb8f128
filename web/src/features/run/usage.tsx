import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Trouble } from "@/components/loaded";
import { bytesText, durationText, momentText } from "@/components/moment";
import { LimitMark, SeriesChart } from "@/components/series_chart";
import { usePreferences } from "@/preferences";
import { Disclosure } from "@/ui/disclosure";
import styles from "./run_page.module.css";
import { hasEnded } from "./sentence";
import { useSamples } from "./use_samples";

const MIB = 1024 * 1024;
type Metrics = Schemas["MetricsView"];

/** CPU and memory of one attempt over time, with the limits that it had. */
export function Usage({ run, attempt }: { run: Schemas["RunDetail"]; attempt: number }) {
  const { t } = useTranslation("run");
  const query = useSamples(run, attempt);
  const title = run.attempts.length > 1 ? t("usageOf", { number: attempt }) : t("usage");
  const shown = run.attempts.find(({ number }) => number === attempt);
  const isWaiting = shown?.status !== "ENDED" && !hasEnded(run);
  const hasNone = query.isPending ? isWaiting : query.data?.samples.length === 0;
  return (
    <Disclosure title={title}>
      {query.error && !query.data && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {isWaiting && hasNone && <p className={styles.chartsToCome}>{t("noSamplesYet")}</p>}
      {!isWaiting && hasNone && <p className={styles.quiet}>{t("noSamples")}</p>}
      {!isWaiting && query.isPending && <div className={mayHaveSamples(shown) ? styles.chartsToCome : ""} />}
      {query.data && query.data.samples.length > 0 && (
        <Charts
          metrics={query.data}
          peak={shown?.peak_memory_bytes ?? null}
          cpuSeconds={shown?.cpu_seconds ?? null}
        />
      )}
    </Disclosure>
  );
}

/** There is a sample a second: whether to keep room for the charts before it is known that they come. */
function mayHaveSamples(attempt: Schemas["AttemptView"] | undefined): boolean {
  if (!attempt?.started_at || !attempt.finished_at) return false;
  return Date.parse(attempt.finished_at) - Date.parse(attempt.started_at) >= 1000;
}

interface ChartsProps {
  metrics: Metrics;
  peak: number | null;
  cpuSeconds: number | null;
}

function Charts({ metrics, peak, cpuSeconds }: ChartsProps) {
  const { t } = useTranslation("run");
  const preferences = usePreferences();
  const { language } = preferences;
  const { samples } = metrics;
  const columns = useMemo(
    () => ({
      times: samples.map(({ at }) => Date.parse(at) / 1000),
      memory: samples.map(({ memory_bytes: bytes }) => bytes / MIB),
      cpu: samples.map(({ cpu_percent: percent }) => percent),
    }),
    [samples],
  );
  const size = (bytes: number) => bytesText(bytes, language);
  const percent = (value: number) => `${Math.round(value).toLocaleString(language)} %`;
  const clock = (seconds: number) => momentText(new Date(seconds * 1000), preferences);
  const highestCpu = columns.cpu.reduce((one, other) => Math.max(one, other), 0);
  const reached = peak ?? columns.memory.reduce((one, other) => Math.max(one, other), 0) * MIB;
  const limit = metrics.memory_limit_bytes;
  const cpuLimit = asPercent(metrics.cpu_limit_cores);
  const peakWords = (peakText: string, limitText: string | null) =>
    limitText === null ? t("peak", { peak: peakText }) : t("peakOf", { peak: peakText, limit: limitText });
  const cpuPeak = peakWords(percent(highestCpu), cpuLimit === null ? null : percent(cpuLimit));
  return (
    <div className={styles.charts}>
      <SeriesChart
        title={t("memory")}
        summary={peakWords(size(reached), limit === null ? null : size(limit))}
        times={columns.times}
        values={columns.memory}
        hardLimit={inMib(limit)}
        softLimit={inMib(metrics.soft_memory_limit_bytes)}
        leastTop={4}
        axisText={(mib) => size(mib * MIB)}
        pointText={(at, mib) => `${clock(at)} · ${size(mib * MIB)}`}
        together="run"
        legend={
          <Limits
            hard={limit === null ? null : size(limit)}
            soft={mapped(metrics.soft_memory_limit_bytes, size)}
          />
        }
      />
      <SeriesChart
        title={t("cpu")}
        summary={
          cpuSeconds === null
            ? cpuPeak
            : `${cpuPeak} · ${t("cpuTime", { time: durationText(cpuSeconds, language) })}`
        }
        times={columns.times}
        values={columns.cpu}
        hardLimit={cpuLimit}
        softLimit={asPercent(metrics.soft_cpu_limit_cores)}
        leastTop={10}
        axisText={percent}
        pointText={(at, value) => `${clock(at)} · ${percent(value)}`}
        together="run"
        legend={
          <Limits
            hard={mapped(cpuLimit, percent)}
            soft={mapped(asPercent(metrics.soft_cpu_limit_cores), percent)}
          />
        }
      />
    </div>
  );
}

function Limits({ hard, soft }: { hard: string | null; soft: string | null }) {
  const { t } = useTranslation("run");
  if (hard === null && soft === null) return null;
  return (
    <>
      {hard !== null && <LimitMark kind="hard">{t("hardLimit", { size: hard })}</LimitMark>}
      {soft !== null && <LimitMark kind="soft">{t("softLimit", { size: soft })}</LimitMark>}
    </>
  );
}

const inMib = (bytes: number | null) => (bytes === null ? null : bytes / MIB);
/** 100 % is one core. */
const asPercent = (cores: number | null) => (cores === null ? null : cores * 100);
const mapped = (value: number | null, text: (value: number) => string) =>
  value === null ? null : text(value);
