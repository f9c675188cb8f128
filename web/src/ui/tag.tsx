import type { ReactNode } from "react";
import styles from "./tag.module.css";

/** A word about something; nothing to press by itself. */
export function Tag({ children }: { children: ReactNode }) {
  return <span className={styles.tag}>{children}</span>;
}
