import { CircleAlert, Inbox, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./notice.module.css";

/** What would be here, and how to get it. */
export function Empty({
  title,
  icon = <Inbox aria-hidden />,
  children,
}: {
  title: string;
  icon?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      {icon}
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.text}>{children}</div>}
    </div>
  );
}

/** What went wrong, in words, and what to do. */
export function Failure(props: { title: ReactNode; detail: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.failure} role="alert">
      <CircleAlert aria-hidden />
      <div>
        <p className={styles.title}>{props.title}</p>
        <div className={styles.text}>{props.detail}</div>
        {props.action && <div className={styles.action}>{props.action}</div>}
      </div>
    </div>
  );
}

/** What should be known before going on; nothing failed. */
export function Warning({ children }: { children: ReactNode }) {
  return (
    <div className={styles.warning}>
      <TriangleAlert aria-hidden />
      <div>{children}</div>
    </div>
  );
}

/** Grey bars in the place of what is still loading. */
export function Skeleton({ rows = 3, label }: { rows?: number; label: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity
        <span key={row} className={styles.bar} />
      ))}
    </div>
  );
}
