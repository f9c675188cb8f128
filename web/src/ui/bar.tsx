import styles from "./bar.module.css";

interface BarProps {
  /** From 0 to 1; undefined: not known. */
  share: number | undefined;
  tone?: "plain" | "running" | "alarm";
}

/** A part of a whole as a bar. What it shows has to stand beside it in words. */
export function Bar({ share, tone = "plain" }: BarProps) {
  const width = `${Math.min(1, Math.max(0, share ?? 0)) * 100}%`;
  return (
    <span className={styles.bar} data-tone={tone} data-unknown={share === undefined || undefined} aria-hidden>
      <span className={styles.filled} style={{ width }} />
    </span>
  );
}
