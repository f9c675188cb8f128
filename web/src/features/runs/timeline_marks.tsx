import { memo } from "react";
import type { RunStatus } from "@/components/status";
import styles from "./timeline.module.css";

export type Placed = readonly [x: number, y: number, status: RunStatus];

/** The outline of each status around a point: told apart without colour. All marks of one status are one path. */
const OUTLINES: Record<RunStatus, (x: number, y: number) => string> = {
  SUCCESS: (x, y) => circle(x, y, 3),
  FAILED: (x, y) => `M${x - 4} ${y - 4}l8 8m0-8l-8 8`,
  RUNNING: (x, y) => circle(x, y, 4),
  RETRYING: (x, y) => `M${x} ${y - 5}l5 9h-10z`,
  CANCELLED: (x, y) => `M${x - 4} ${y}h8`,
  PENDING: (x, y) => circle(x, y, 3),
  SKIPPED: (x, y) => circle(x, y, 2),
};

const circle = (x: number, y: number, radius: number) =>
  `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`;

/** One mark a run: seven paths, however many runs there are. Failures lie on top. */
export const Marks = memo(function Marks({ points }: { points: readonly Placed[] }) {
  const paths = new Map<RunStatus, string[]>();
  for (const [x, y, status] of points) {
    const path = paths.get(status) ?? [];
    path.push(OUTLINES[status](Math.round(x * 10) / 10, Math.round(y * 10) / 10));
    paths.set(status, path);
  }
  const order = (Object.keys(OUTLINES) as RunStatus[]).sort((a, b) => rank(a) - rank(b));
  return order.map((status) => {
    const path = paths.get(status);
    return path && <path key={status} d={path.join("")} className={styles.mark} data-status={status} />;
  });
});

const rank = (status: RunStatus) => (status === "FAILED" ? 2 : status === "SUCCESS" ? 0 : 1);
