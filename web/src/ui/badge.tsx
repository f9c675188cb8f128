import { CircleCheck, CircleDashed, CircleMinus, type LucideIcon, OctagonX, RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./badge.module.css";

export type Tone = "ok" | "problem" | "active" | "waiting" | "off";

/** Colour is never alone: each tone has a shape of its own. */
const SHAPES: Record<Tone, LucideIcon> = {
  ok: CircleCheck,
  problem: OctagonX,
  active: RefreshCw,
  waiting: CircleDashed,
  off: CircleMinus,
};

/** A state in one word. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Shape = SHAPES[tone];
  return (
    <span className={styles.badge} data-tone={tone}>
      <Shape aria-hidden />
      {children}
    </span>
  );
}
