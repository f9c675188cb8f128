import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { classes } from "@/ui/class_names";
import styles from "./status.module.css";

export type RunStatus = Schemas["RunStatus"];

/** All of them, as a run goes through them. */
export const RUN_STATUSES = [
  "PENDING",
  "RUNNING",
  "RETRYING",
  "SUCCESS",
  "FAILED",
  "CANCELLED",
  "SKIPPED",
] as const satisfies readonly RunStatus[];

/** The shape of each status, in a field of 16 × 16: told apart without colour. */
const SHAPES: Record<RunStatus, React.ReactNode> = {
  SUCCESS: (
    <>
      <circle cx="8" cy="8" r="7" className={styles.filled} />
      <path d="M4.8 8.2 7 10.4l4.2-4.6" className={styles.inner} />
    </>
  ),
  FAILED: (
    <>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" className={styles.filled} />
      <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" className={styles.inner} />
    </>
  ),
  RUNNING: (
    <>
      <circle cx="8" cy="8" r="6" className={styles.track} />
      <path d="M8 2a6 6 0 0 1 6 6" className={classes(styles.drawn, styles.moving)} />
      <circle cx="8" cy="8" r="2" className={styles.filled} />
    </>
  ),
  PENDING: <circle cx="8" cy="8" r="6" className={styles.drawn} />,
  RETRYING: (
    <>
      <path d="M13.5 6A6 6 0 1 0 14 8" className={styles.drawn} />
      <path d="M14.5 2.5v4h-4" className={styles.drawn} />
    </>
  ),
  CANCELLED: (
    <>
      <circle cx="8" cy="8" r="7" className={styles.filled} />
      <path d="M4.5 8h7" className={styles.inner} />
    </>
  ),
  SKIPPED: <circle cx="8" cy="8" r="6" className={classes(styles.drawn, styles.dashed)} />,
};

/** A run's status as a shape; `hasWord`: with its word beside it, otherwise as its label. */
export function Status({ status, hasWord = false }: { status: RunStatus; hasWord?: boolean }) {
  const { t } = useTranslation();
  const word = t(`status.${status}`);
  return (
    <span className={styles.status} data-status={status} title={hasWord ? undefined : word}>
      <svg viewBox="0 0 16 16" className={styles.shape} aria-hidden>
        {SHAPES[status]}
      </svg>
      <span className={hasWord ? undefined : "visually-hidden"}>{word}</span>
    </span>
  );
}
