import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Loaded } from "@/components/loaded";
import { scheduleName } from "@/components/pause_schedule";
import { Said } from "@/components/said";
import { Moment } from "@/components/time";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { notRunQuery } from "./queries";
import styles from "./schedules.module.css";

type NotRunView = Schemas["NotRunView"];

const TONES: Record<Schemas["OccurrenceStatus"], Tone> = {
  run: "ok",
  waiting: "waiting",
  coalesced: "active",
  skipped: "off",
};
const FIRST = 5;

/** What was due within the last day and did not run, and why. */
export function NotRun() {
  const { t } = useTranslation("schedules");
  return (
    <Section title={t("notRun")} isFlush>
      <Loaded query={useQuery(notRunQuery)} rows={3}>
        {({ not_run: missed }) => <Missed missed={missed} />}
      </Loaded>
    </Section>
  );
}

function Missed({ missed }: { missed: readonly NotRunView[] }) {
  const { t } = useTranslation("schedules");
  const [isWhole, setWhole] = useState(false);
  if (missed.length === 0) return <p className={styles.quiet}>{t("allRan")}</p>;
  return (
    <>
      <ul className={styles.list}>
        {missed.slice(0, isWhole ? undefined : FIRST).map((each) => (
          <li key={`${each.schedule_id} ${each.status} ${each.code}`}>
            <div className={styles.head}>
              <Badge tone={TONES[each.status]}>{t(`fate.${each.status}`, { count: each.count })}</Badge>
              <Link
                to="/pipelines/$name"
                params={{ name: each.pipeline_name }}
                search={{ tab: "schedules", schedule: each.schedule_id }}
                className={styles.name}
              >
                {scheduleName(each)}
              </Link>
              <span className={styles.when}>
                <Moment at={each.last_due_at} />
              </span>
            </div>
            <p className={styles.reason}>
              <Said code={each.code} text={each.reason ?? ""} />{" "}
              {each.run_id && (
                <Link to="/runs/$runId" params={{ runId: each.run_id }}>
                  {t("itsRun")}
                </Link>
              )}
            </p>
          </li>
        ))}
      </ul>
      {missed.length > FIRST && !isWhole && (
        <p className={styles.rest}>
          <Button kind="quiet" onClick={() => setWhole(true)}>
            {t("moreMissed", { count: missed.length - FIRST })}
          </Button>
        </p>
      )}
    </>
  );
}
