import type { ReactNode } from "react";
import { classes } from "./class_names";
import styles from "./page.module.css";

interface PageProps {
  title: ReactNode;
  /** What the browser's tab says; by default the title, where that is plain text. */
  tabTitle?: string;
  /** One line under the title: the state of what the page is about. */
  state?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** For logs and timelines: as wide as the window. */
  isWide?: boolean;
}

/** The frame of every page: title, state and actions, then the content. */
export function Page({ title, tabTitle, state, actions, children, isWide }: PageProps) {
  return (
    <div className={classes(styles.page, isWide && styles.wide)}>
      <title>{[tabTitle ?? title, "Fast-Flow"].filter((part) => typeof part === "string").join(" · ")}</title>
      <header className={styles.head}>
        <div className={styles.words}>
          <h1>{title}</h1>
          {state && <div className={styles.state}>{state}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  /** Lists and tables bring their own distance to the edge. */
  isFlush?: boolean;
}

/** A part of a page with a heading of its own. */
export function Section({ title, actions, children, isFlush }: SectionProps) {
  return (
    <section className={styles.section} aria-label={title}>
      <header className={styles.sectionHead}>
        <h2>{title}</h2>
        {actions}
      </header>
      <div className={classes(styles.panel, isFlush && styles.flush)}>{children}</div>
    </section>
  );
}
