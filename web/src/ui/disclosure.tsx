import { ChevronDown } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./disclosure.module.css";

/** A part of a page that can be folded; closed at first where the screen is small, if it may be. */
export function Disclosure(props: { title: string; children: ReactNode; startsClosedOnPhone?: boolean }) {
  const isSmall = globalThis.matchMedia?.("(width < 900px)").matches ?? false;
  return (
    <details className={styles.disclosure} open={!(props.startsClosedOnPhone && isSmall)}>
      <summary className={styles.summary}>
        <h2>{props.title}</h2>
        <ChevronDown aria-hidden className={styles.arrow} />
      </summary>
      <div className={styles.content}>{props.children}</div>
    </details>
  );
}
