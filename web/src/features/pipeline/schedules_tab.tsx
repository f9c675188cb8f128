import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/components/loaded";
import { Empty } from "@/ui/notice";
import styles from "./pipeline.module.css";
import { SchedulePart } from "./schedule_part";
import { schedulesQuery } from "./schedule_queries";
import type { Change, PipelineSearch } from "./search";
import { WhyForm } from "./why_form";

interface SchedulesTabProps {
  name: string;
  search: PipelineSearch;
  change: Change;
}

/** The rules that start runs: when next, what became of what was due, and why not. */
export function SchedulesTab({ name, search, change }: SchedulesTabProps) {
  const { t } = useTranslation("pipeline");
  const query = useQuery(schedulesQuery(name));
  return (
    <Loaded query={query}>
      {({ schedules }) =>
        schedules.length === 0 ? (
          <Empty title={t("noSchedule")}>{t("noScheduleHint")}</Empty>
        ) : (
          <div className={styles.parts}>
            {schedules.map((schedule) => (
              <SchedulePart key={schedule.id} schedule={schedule} search={search} change={change} />
            ))}
            <WhyForm name={name} at={search.at} onAsk={(at) => change({ at })} />
          </div>
        )
      }
    </Loaded>
  );
}
