import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { RunStatus } from "@/components/status";
import { Status } from "@/components/status";
import styles from "./facts.module.css";

/** A fact with its name, within a `dl`. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Another run: how it is, and the way to it. */
export function RunLink({ id, status, children }: { id: string; status?: RunStatus; children: ReactNode }) {
  return (
    <span className={styles.run}>
      {status !== undefined && <Status status={status} />}
      <Link to="/runs/$runId" params={{ runId: id }}>
        {children}
      </Link>
    </span>
  );
}

/** The end of an id tells runs apart; its beginning is the time. */
export const shortId = (id: string) => id.slice(-6);
