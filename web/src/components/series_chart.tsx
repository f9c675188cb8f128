import { lazy, type ReactNode, Suspense, useState } from "react";
import { late } from "./late";
import styles from "./series_chart.module.css";
import type { SeriesPlotProps } from "./series_plot";

const SeriesPlot = lazy(late(() => import("./series_plot")));

interface SeriesChartProps extends Omit<SeriesPlotProps, "onPoint"> {
  title: string;
  /** What there is to see, for everybody: a screen reader gets no more of the picture than this. */
  summary: string;
  /** Says what stands at a moment. */
  pointText: (at: number, value: number) => string;
  /** What the lines across mean. */
  legend?: ReactNode;
}

/** One quantity over time with its limits; the drawing code is loaded when it is first needed. */
export function SeriesChart({ title, summary, pointText, legend, ...plot }: SeriesChartProps) {
  const [point, setPoint] = useState<number | null>(null);
  const at = point === null ? undefined : plot.times[point];
  const value = point === null ? undefined : plot.values[point];
  const isPointed = at !== undefined && value !== undefined;
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        <h3>{title}</h3>
        <span className={styles.summary}>{isPointed ? pointText(at, value) : summary}</span>
      </figcaption>
      <div className={styles.plot} role="img" aria-label={`${title}: ${summary}`}>
        <Suspense>
          <SeriesPlot {...plot} onPoint={setPoint} />
        </Suspense>
      </div>
      {legend && <div className={styles.legend}>{legend}</div>}
    </figure>
  );
}

/** A word beside the line that it explains. */
export function LimitMark({ kind, children }: { kind: "hard" | "soft"; children: ReactNode }) {
  return (
    <span className={styles.mark} data-kind={kind}>
      {children}
    </span>
  );
}
