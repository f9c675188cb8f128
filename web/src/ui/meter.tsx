import styles from "./meter.module.css";

/** A bar that is filled by a share; what it means stands in `text`. */
export function Meter({ label, share, text }: { label: string; share: number; text: string }) {
  const percent = Math.round(Math.min(Math.max(share, 0), 1) * 100);
  return (
    <div
      className={styles.meter}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={text}
    >
      <span className={styles.fill} style={{ inlineSize: `${percent}%` }} />
    </div>
  );
}
