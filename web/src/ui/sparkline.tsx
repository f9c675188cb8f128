import styles from "./sparkline.module.css";

const WIDTH = 80;
const HEIGHT = 20;
const EDGE = 2;

/** A line of values without axes, from zero up, the last one marked. It says in its label what it shows. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length === 0) return null;
  const points = pointsOf(values);
  const [x, y] = points[points.length - 1] as Point;
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      className={styles.sparkline}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <polyline points={points.map((point) => point.join(",")).join(" ")} className={styles.line} />
      <circle cx={x} cy={y} r={2} className={styles.last} />
    </svg>
  );
}

type Point = readonly [number, number];

/** Place the values from left to right; a single one stands at the right. */
export function pointsOf(values: readonly number[]): Point[] {
  const most = Math.max(...values, Number.MIN_VALUE);
  const step = values.length > 1 ? (WIDTH - 2 * EDGE) / (values.length - 1) : 0;
  const first = values.length > 1 ? EDGE : WIDTH - EDGE;
  return values.map((value, index) => [
    round(first + index * step),
    round(HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE)),
  ]);
}

const round = (value: number) => Math.round(value * 10) / 10;
