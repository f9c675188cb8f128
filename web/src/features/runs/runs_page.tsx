import { getRouteApi } from "@tanstack/react-router";
import { ChartScatter, Table2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Trouble } from "@/components/loaded";
import { RunTable } from "@/components/run_table";
import { Button } from "@/ui/button";
import { Segments } from "@/ui/chip";
import { Empty, Skeleton } from "@/ui/notice";
import { Page } from "@/ui/page";
import { filterOf, type RunFilter } from "./filter";
import { FilterBar } from "./filter_bar";
import { liveIds } from "./loaded_runs";
import { MOST_CHANGING, useChanges, useRuns } from "./queries";
import styles from "./runs_page.module.css";
import { MOST_MARKS, Timeline } from "./timeline";

const route = getRouteApi("/runs");
/** So many rows before the end the next page is asked for. */
const AHEAD = 200;

/** All runs, newest first. */
export function RunsPage() {
  const { t } = useTranslation("runs");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const filter = useMemo(() => filterOf(search), [search]);
  const view = search.view ?? "table";
  const change = (to: RunFilter) =>
    void navigate({ search: { ...to, ...(search.view && { view: search.view }) }, replace: true });
  return (
    <Page
      title={t("title")}
      isWide={view === "timeline"}
      actions={
        <Segments
          label={t("view")}
          value={view}
          choices={[
            ["table", t("table"), <Table2 key="table" aria-hidden />],
            ["timeline", t("timeline"), <ChartScatter key="timeline" aria-hidden />],
          ]}
          onChoose={(to) =>
            void navigate({ search: { ...filter, ...(to === "timeline" && { view: to }) }, replace: true })
          }
        />
      }
    >
      <FilterBar filter={filter} onChange={change} />
      <Runs key={JSON.stringify(filter)} filter={filter} view={view} />
    </Page>
  );
}

function Runs({ filter, view }: { filter: RunFilter; view: "table" | "timeline" }) {
  const { t } = useTranslation(["runs", "general"]);
  const list = useRuns(filter);
  const { runs, next } = list.loaded.data ?? { runs: [], next: null };
  const [[from, to], setShown] = useState([0, 0]);
  const looked = view === "table" ? runs.slice(from, to) : runs.slice(0, MOST_MARKS);
  useChanges(filter, liveIds(looked, MOST_CHANGING));
  useWantedRuns(list, view === "table" ? to + AHEAD : MOST_MARKS);
  const { newcomers } = list;
  // Nothing is being read where there is nothing yet.
  const isFirst = runs.length === 0 && newcomers.length > 0;
  const { showNewest } = list;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the first run is there
  useEffect(() => {
    if (isFirst) showNewest();
  }, [isFirst]);
  if (list.loaded.data === undefined) {
    return list.loaded.error ? (
      <Trouble error={list.loaded.error} onRetry={() => void list.loaded.refetch()} />
    ) : (
      <Skeleton rows={10} label={t("general:loading")} />
    );
  }
  const isNarrowed = Object.keys(filter).length > 0;
  return (
    <>
      {!isFirst && <News list={list} />}
      {runs.length === 0 && (
        <Empty title={t(isNarrowed ? "noMatch" : "empty")}>
          {t(isNarrowed ? "noMatchHint" : "emptyHint")}
        </Empty>
      )}
      {runs.length > 0 && view === "table" && (
        <RunTable runs={runs} onShown={(first, end) => setShown([first, end])} />
      )}
      {runs.length > 0 && view === "timeline" && (
        <Timeline runs={looked} isCut={runs.length > MOST_MARKS || next !== null} />
      )}
      <Foot list={list} isTable={view === "table"} />
    </>
  );
}

/** Says that there are new runs, and shows them to whoever wants it. */
function News({ list }: { list: ReturnType<typeof useRuns> }) {
  const { t } = useTranslation("runs");
  const { newcomers, isBeyondPage, showNewest } = list;
  const count = newcomers.length;
  const show = () => {
    showNewest();
    window.scrollTo({ top: 0 });
  };
  return (
    <output className={styles.news}>
      {count > 0 && (
        <Button kind="primary" className={styles.pill} onClick={show}>
          {t(count >= MOST_CHANGING && isBeyondPage ? "newRunsBeyond" : "newRuns", { count })}
        </Button>
      )}
    </output>
  );
}

/** Reads on until there are that many runs, or no more. */
function useWantedRuns(list: ReturnType<typeof useRuns>, wanted: number): void {
  const { runs, next } = list.loaded.data ?? { runs: [], next: null };
  const isWanted = next !== null && runs.length < wanted && !list.older.isPending && !list.older.isError;
  const { readOlder } = list;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `next` tells one page from another
  useEffect(() => {
    if (isWanted) readOlder();
  }, [isWanted, next]);
}

/** What stands below the oldest run: it goes on, it does not, or it could not. */
function Foot({ list, isTable }: { list: ReturnType<typeof useRuns>; isTable: boolean }) {
  const { t } = useTranslation(["runs", "general"]);
  const { older } = list;
  const { runs, next } = list.loaded.data ?? { runs: [], next: null };
  if (older.error) {
    return (
      <p className={styles.foot} role="alert">
        {t("olderFailed", { reason: older.error.message })}{" "}
        <Button onClick={() => list.readOlder()}>{t("general:retry")}</Button>
      </p>
    );
  }
  if (!isTable || runs.length === 0) return null;
  return <p className={styles.foot}>{next === null ? t("end") : t("general:loading")}</p>;
}
