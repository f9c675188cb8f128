import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { PauseButton } from "@/components/pause_schedule";
import { Said } from "@/components/said";
import { Moment } from "@/components/time";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { KeyValues } from "@/ui/key_values";
import { Section } from "@/ui/page";
import { Ledger } from "./ledger";
import styles from "./pipeline.module.css";
import { Rule } from "./rule";
import { nextQuery } from "./schedule_queries";
import type { Change, PipelineSearch } from "./search";

interface SchedulePartProps {
  schedule: Schemas["ScheduleView"];
  search: PipelineSearch;
  change: Change;
}

/** One schedule: its rule in words, whether it starts runs, when next, and its ledger on demand. */
export function SchedulePart({ schedule, search, change }: SchedulePartProps) {
  const { t } = useTranslation("pipeline");
  const isOpen = search.schedule === schedule.id;
  return (
    <Section
      title={schedule.key === "default" ? t("schedule") : schedule.key}
      actions={schedule.is_present && <PauseButton schedule={schedule} />}
    >
      <div className={styles.stack}>
        <div className={styles.line}>
          <State schedule={schedule} />
          <Rule schedule={schedule} />
        </div>
        <KeyValues
          facts={[
            [t("pausedBy"), schedule.paused_at !== null ? <Paused key="paused" schedule={schedule} /> : null],
            [t("nextTimes"), schedule.is_present ? <Next key="next" scheduleId={schedule.id} /> : null],
            [t("waitingMissed"), schedule.waiting || null],
            [t("catchUp"), t(`catchUps.${schedule.catch_up}`)],
          ]}
        />
        <div>
          <Button
            kind="quiet"
            aria-expanded={isOpen}
            onClick={() => change({ schedule: isOpen ? undefined : schedule.id, ledger: undefined })}
          >
            {t(isOpen ? "hideLedger" : "showLedger")}
          </Button>
        </div>
        {isOpen && (
          <Ledger scheduleId={schedule.id} status={search.ledger} onStatus={(ledger) => change({ ledger })} />
        )}
      </div>
    </Section>
  );
}

function State({ schedule }: { schedule: Schemas["ScheduleView"] }) {
  const { t } = useTranslation("pipeline");
  if (schedule.paused_at !== null) return <Badge tone="off">{t("paused")}</Badge>;
  if (!schedule.is_active) {
    return (
      <>
        <Badge tone="off">{t("inactive")}</Badge>
        <span>
          <Said code={schedule.inactive_code} text={schedule.inactive_reason ?? ""} />
        </span>
      </>
    );
  }
  return <Badge tone="ok">{t("active")}</Badge>;
}

function Paused({ schedule }: { schedule: Schemas["ScheduleView"] }) {
  const { t } = useTranslation("general");
  return (
    <>
      {schedule.paused_by ?? t("unknown")}, <Moment at={schedule.paused_at ?? ""} />
      {schedule.pause_reason && `: ${schedule.pause_reason}`}
    </>
  );
}

function Next({ scheduleId }: { scheduleId: string }) {
  const { t } = useTranslation("general");
  const due = useQuery(nextQuery(scheduleId)).data?.occurrences;
  if (due === undefined) return null;
  if (due.length === 0) return t("never");
  return (
    <ul className={styles.line}>
      {due.map(({ due_at }) => (
        <li key={due_at}>
          <Moment at={due_at} />
        </li>
      ))}
    </ul>
  );
}
