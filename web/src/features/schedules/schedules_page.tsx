import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Loaded } from "@/components/loaded";
import { useRefusal } from "@/components/permissions";
import { ScheduleDialog } from "@/components/schedule_dialog";
import { Button } from "@/ui/button";
import { ChipToggle } from "@/ui/chip";
import { Empty } from "@/ui/notice";
import { Page, Section } from "@/ui/page";
import { SearchInput } from "@/ui/search_input";
import { found, isFailing } from "./filter";
import { NextDay } from "./next_day";
import { NotRun } from "./not_run";
import { schedulesQuery } from "./queries";
import { ScheduleTable } from "./schedule_table";
import styles from "./schedules.module.css";
import type { ScheduleSearch } from "./search";

const route = getRouteApi("/schedules");

/** What starts by itself: what will, what did not and why, and every rule. */
export function SchedulesPage() {
  const { t } = useTranslation("schedules");
  const [isMaking, setMaking] = useState(false);
  const query = useQuery(schedulesQuery);
  return (
    <Page
      title={t("title")}
      state={query.data && <State schedules={query.data.schedules} />}
      actions={
        <Button
          kind="primary"
          icon={<Plus aria-hidden />}
          refused={useRefusal("create_schedule")}
          onClick={() => setMaking(true)}
        >
          {t("make")}
        </Button>
      }
    >
      <div className={styles.columns}>
        <NextDay />
        <NotRun />
      </div>
      <Section title={t("every")} isFlush>
        <Loaded query={query} rows={6}>
          {({ schedules }) => <Every schedules={schedules} />}
        </Loaded>
      </Section>
      <ScheduleDialog isOpen={isMaking} onClose={() => setMaking(false)} />
    </Page>
  );
}

function State({ schedules }: { schedules: readonly Schemas["ScheduleView"][] }) {
  const { t } = useTranslation("schedules");
  const there = schedules.filter(({ is_present }) => is_present);
  const paused = there.filter(({ paused_at }) => paused_at !== null).length;
  const failing = there.filter(isFailing).length;
  return [
    t("count", { count: there.length }),
    paused > 0 && t("pausedCount", { count: paused }),
    failing > 0 && t("failingCount", { count: failing }),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** So many rows at first: who looks for another one types. */
const FIRST = 200;

function Every({ schedules }: { schedules: readonly Schemas["ScheduleView"][] }) {
  const { t } = useTranslation("schedules");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [isWhole, setWhole] = useState(false);
  const rows = found(schedules, search);
  const change = (to: ScheduleSearch) => void navigate({ search: to, replace: true });
  const { only: _, ...rest } = search;
  const toggle = (only: "paused" | "failing") => change(search.only === only ? rest : { ...rest, only });
  return (
    <>
      <search className={styles.filter}>
        <SearchInput
          label={t("search")}
          text={search.text ?? ""}
          onChange={(text) => change({ ...(text && { text }), ...(search.only && { only: search.only }) })}
        />
        <ChipToggle isOn={search.only === "paused"} onToggle={() => toggle("paused")}>
          {t("paused")}
        </ChipToggle>
        <ChipToggle isOn={search.only === "failing"} onToggle={() => toggle("failing")}>
          {t("failing")}
        </ChipToggle>
      </search>
      {rows.length === 0 ? (
        <Empty title={t(schedules.length === 0 ? "empty" : "noMatch")}>
          {t(schedules.length === 0 ? "emptyHint" : "noMatchHint")}
        </Empty>
      ) : (
        <ScheduleTable schedules={isWhole ? rows : rows.slice(0, FIRST)} />
      )}
      {rows.length > FIRST && !isWhole && (
        <p className={styles.rest}>
          <Button kind="quiet" onClick={() => setWhole(true)}>
            {t("moreRows", { count: rows.length - FIRST })}
          </Button>
        </p>
      )}
    </>
  );
}
