import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Status } from "@/components/status";
import { Moment } from "@/components/time";
import { Bar } from "@/ui/bar";
import { Section } from "@/ui/page";
import { holdersOf } from "./health";
import styles from "./home.module.css";

type Overview = Schemas["OverviewView"];

const MOST = 8;

/** Who holds the slots, who waits, and for what. */
export function Waiting({ overview }: { overview: Overview }) {
  const { t } = useTranslation("home");
  const { slots, queued, queued_total: total } = overview;
  const holders = holdersOf(overview.running)
    .map(([name, count]) => (count > 1 ? `${name} × ${count}` : name))
    .join(", ");
  return (
    <Section title={t("waiting")} isFlush>
      <div className={styles.slots}>
        <span>{t("slots", slots)}</span>
        <Bar share={slots.used / slots.limit} tone={slots.used > 0 ? "running" : "plain"} />
        {holders && <span className={styles.meta}>{t("heldBy", { names: holders })}</span>}
      </div>
      {queued.length === 0 && <p className={styles.quiet}>{t("nothingWaits")}</p>}
      <ul>
        {queued.slice(0, MOST).map((run) => (
          <Row key={run.run_id} run={run} />
        ))}
      </ul>
      {total > MOST && (
        <p className={styles.rest}>
          <Link to="/runs" search={{ status: ["RETRYING", "PENDING"] }}>
            {t("allWaiting", { count: total })}
          </Link>
        </p>
      )}
    </Section>
  );
}

function Row({ run }: { run: Schemas["QueuedView"] }) {
  const { t } = useTranslation("home");
  const isTimed = run.waits_for === "retry" || run.waits_for === "platform";
  return (
    <li className={styles.waiting}>
      <div className={styles.who}>
        <Status status={run.status} />
        <Link to="/runs/$runId" params={{ runId: run.run_id }} className={styles.name}>
          {run.pipeline_name}
        </Link>
        <span className={styles.when}>
          <Moment at={isTimed ? run.available_at : run.created_at} />
        </span>
      </div>
      <p className={styles.meta} title={run.reason}>
        {t(`waitsFor.${run.waits_for}`)}
      </p>
    </li>
  );
}
