import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { RunStatus } from "@/components/status";
import styles from "./trend.module.css";

export interface TrendPoint {
  id: string;
  status: RunStatus;
  value: number;
}

export interface Limit {
  name: string;
  value: number;
  isHard: boolean;
}

interface TrendProps {
  title: string;
  /** From old to new. */
  points: readonly TrendPoint[];
  limits: readonly Limit[];
  text: (value: number) => string;
}

const WIDTH = 480;
const HEIGHT = 112;
const SLOTS = 100;
/** A limit that is further away than this would press the bars flat; it is told in words only. */
const FARTHEST_LIMIT = 4;

/** A bar a run, the newest at the right, and the limits as lines. */
export function Trend({ title, points, limits, text }: TrendProps) {
  const { t } = useTranslation("pipeline");
  const navigate = useNavigate();
  const values = points.map(({ value }) => value);
  const most = Math.max(...values, Number.MIN_VALUE);
  const drawn = limits.filter(({ value }) => value <= most * FARTHEST_LIMIT);
  const top = 1.08 * Math.max(most, ...drawn.map(({ value }) => value));
  const height = (value: number) => Math.max(1, (value / top) * HEIGHT);
  const step = WIDTH / SLOTS;
  const left = WIDTH - points.length * step;
  const facts = [
    t("trendSpan", { median: text(median(values)), most: text(Math.max(...values, 0)) }),
    ...limits.map(({ name, value }) => `${name} ${text(value)}`),
  ].join(" · ");
  return (
    <figure className={styles.trend}>
      <figcaption className={styles.caption}>
        <h3>{title}</h3>
        <span className={styles.facts}>{facts}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        className={styles.plot}
        role="img"
        aria-label={`${title}: ${facts}`}
      >
        {points.map(({ id, status, value }, index) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; by keyboard the runs are in their tab
          <g
            key={id}
            className={styles.run}
            data-status={status}
            onClick={() => void navigate({ to: "/runs/$runId", params: { runId: id } })}
          >
            <title>{text(value)}</title>
            <rect x={left + index * step} y={0} width={step} height={HEIGHT} className={styles.target} />
            <rect
              x={left + index * step + 0.5}
              y={HEIGHT - height(value)}
              width={step - 1}
              height={height(value)}
              className={styles.bar}
            />
          </g>
        ))}
        {drawn.map(({ name, value, isHard }) => (
          <line
            key={name}
            x1={0}
            x2={WIDTH}
            y1={HEIGHT - height(value)}
            y2={HEIGHT - height(value)}
            className={styles.limit}
            data-hard={isHard || undefined}
          />
        ))}
      </svg>
    </figure>
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
