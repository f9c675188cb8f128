import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Loaded } from "@/components/loaded";
import { Page } from "@/ui/page";
import { FailedLately } from "./failed_lately";
import { FirstStart } from "./first_start";
import { HealthLine } from "./health_line";
import styles from "./home.module.css";
import { Next } from "./next";
import { NotIsolated } from "./not_isolated";
import { overviewQuery } from "./queries";
import { RunningNow } from "./running_now";
import { ServerHealth } from "./server_health";
import { Waiting } from "./waiting";

type Overview = Schemas["OverviewView"];

/** What goes on, what went wrong, what comes next. */
export function HomePage() {
  const { t } = useTranslation("home");
  const query = useQuery(overviewQuery);
  return (
    <Page title={t("title")} state={query.data && <HealthLine overview={query.data} />}>
      <Loaded query={query} rows={8}>
        {(overview) => <Parts overview={overview} />}
      </Loaded>
    </Page>
  );
}

function Parts({ overview }: { overview: Overview }) {
  return (
    <>
      {!overview.is_isolating && <NotIsolated />}
      <FirstStart overview={overview} />
      <div className={styles.columns}>
        <Column>
          <RunningNow runs={overview.running} total={overview.running_total} />
          <FailedLately runs={overview.failed_lately} total={overview.ended_lately.failed} />
        </Column>
        <Column>
          <Next />
          <Waiting overview={overview} />
          <ServerHealth overview={overview} />
        </Column>
      </div>
    </>
  );
}

function Column({ children }: { children: ReactNode }) {
  return <div className={styles.column}>{children}</div>;
}
