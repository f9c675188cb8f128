import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Loaded } from "@/components/loaded";
import { LogViewer } from "@/features/log/log_viewer";
import { Skeleton } from "@/ui/notice";
import { Page } from "@/ui/page";
import { RunActions } from "./actions";
import { Attempts } from "./attempts";
import { Differs } from "./differs";
import { shortId } from "./fact";
import { Facts } from "./facts";
import { Parameters, Variables } from "./inputs";
import { Progress } from "./progress";
import { comparisonQuery, runQuery } from "./queries";
import styles from "./run_page.module.css";
import { hasEnded, tabTitle } from "./sentence";
import { Usage } from "./usage";
import { Verdict } from "./verdict";

const route = getRouteApi("/runs/$runId");

/** One run: what happened, why, what can be done. */
export function RunPage() {
  const { t } = useTranslation(["run", "general"]);
  const { runId } = route.useParams();
  const query = useQuery(runQuery(runId));
  return (
    <Page
      title={
        <span className={styles.title}>
          {query.data && (
            <Link to="/pipelines/$name" params={{ name: query.data.pipeline_name }}>
              {query.data.pipeline_name}
            </Link>
          )}{" "}
          <small>{t("shortId", { id: shortId(runId) })}</small>
        </span>
      }
      tabTitle={query.data ? tabTitle(query.data, t) : t("shortId", { id: shortId(runId) })}
      isWide
    >
      <Loaded query={query} rows={8}>
        {(run) => <Run run={run} key={run.id} />}
      </Loaded>
    </Page>
  );
}

function Run({ run }: { run: Schemas["RunDetail"] }) {
  const { t } = useTranslation(["run", "general"]);
  const { attempt: wanted } = route.useSearch();
  const last = run.attempts.at(-1)?.number ?? 1;
  // Where the next attempt only waits, its figures are none: the last one that began is of interest.
  const begun = run.attempts.findLast(({ started_at: at }) => at !== null)?.number ?? last;
  const attempt = wanted !== undefined && wanted <= last ? wanted : begun;
  const hasFailed = run.status === "FAILED";
  const isReady = useIsReady(useQuery({ ...comparisonQuery(run.id), enabled: hasFailed }).isLoading);
  const above = useHeightAbove();
  return (
    <>
      <div className={styles.above} ref={above}>
        <div className={styles.head}>
          <Verdict run={run} />
          <Progress run={run} />
          <RunActions run={run} />
        </div>
        {hasFailed && <Differs runId={run.id} />}
      </div>
      {isReady ? <Columns run={run} attempt={attempt} /> : <Skeleton rows={6} label={t("general:loading")} />}
    </>
  );
}

/** Tells the style sheet how much stands above the log, so that the log's end is the window's. */
function useHeightAbove() {
  const above = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = above.current;
    if (element === null) return;
    const measure = () => {
      const height = Math.round(element.getBoundingClientRect().bottom + window.scrollY);
      element.parentElement?.style.setProperty("--above", `${height}px`);
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  return above;
}

/** What stands above the log is there first, so that it does not push it down; once there, the log stays. */
function useIsReady(isLoading: boolean): boolean {
  const [wasReady, setReady] = useState(!isLoading);
  useEffect(() => {
    if (!isLoading) setReady(true);
  }, [isLoading]);
  return wasReady || !isLoading;
}

/** The log, and the facts beside it. */
function Columns({ run, attempt }: { run: Schemas["RunDetail"]; attempt: number }) {
  const { t } = useTranslation("run");
  const wasAccepted = run.attempts.length > 0;
  return (
    <div className={styles.columns}>
      {wasAccepted && (
        <section className={styles.log} aria-label={t("log")}>
          <LogViewer runId={run.id} isActive={!hasEnded(run)} attempts={run.attempts} />
        </section>
      )}
      <div className={styles.aside}>
        {wasAccepted && <Usage run={run} attempt={attempt} />}
        <Attempts run={run} chosen={attempt} />
        <Facts run={run} />
        {wasAccepted && <Parameters run={run} />}
        {wasAccepted && <Variables run={run} />}
      </div>
    </div>
  );
}
