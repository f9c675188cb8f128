import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "@/api/problem";
import { late } from "@/components/late";
import { Loaded, Trouble } from "@/components/loaded";
import { RunTable } from "@/components/run_table";
import { Empty, Skeleton, Warning } from "@/ui/notice";
import { Section } from "@/ui/page";
import { Heatmap } from "./heatmap";
import styles from "./pipeline.module.css";
import { daysQuery, lastRunsQuery, readmeQuery } from "./queries";
import { Trends } from "./trends";

const SHOWN = 5;
/** What renders Markdown is large, and not every pipeline has some. */
const Readme = lazy(late(() => import("./readme").then(({ Readme }) => ({ default: Readme }))));

/** What the pipeline is and how it has been doing. */
export function OverviewTab({ name }: { name: string }) {
  const { t } = useTranslation("pipeline");
  const runs = useQuery(lastRunsQuery(name));
  const days = useQuery(daysQuery(name));
  return (
    <div className={styles.parts}>
      <Section
        title={t("lastRuns")}
        isFlush
        actions={
          <Link to="/pipelines/$name" params={{ name }} search={{ tab: "runs" }}>
            {t("allRuns")}
          </Link>
        }
      >
        <Loaded query={runs} rows={SHOWN}>
          {({ runs: last }) =>
            last.length === 0 ? (
              <Empty title={t("noRun")}>{t("noRunHint")}</Empty>
            ) : (
              <RunTable runs={last.slice(0, SHOWN)} withPipeline={false} />
            )
          }
        </Loaded>
      </Section>
      {runs.data && runs.data.runs.length > 0 && (
        <Section title={t("trends")}>
          <Trends runs={runs.data.runs} />
        </Section>
      )}
      <Section title={t("calendar")}>
        <Loaded query={days} rows={4}>
          {({ days: ended }) => <Heatmap days={ended} today={new Date()} />}
        </Loaded>
      </Section>
      <ReadmePart name={name} />
    </div>
  );
}

function ReadmePart({ name }: { name: string }) {
  const { t } = useTranslation(["pipeline", "general"]);
  const readme = useQuery(readmeQuery(name));
  const isMissing = readme.error instanceof Problem && readme.error.status === 404;
  return (
    <Section title={t("readme")}>
      {isMissing && <p className={styles.meta}>{t("noReadme")}</p>}
      {readme.error && !isMissing && <Trouble error={readme.error} onRetry={() => void readme.refetch()} />}
      {readme.isPending && <Skeleton label={t("general:loading")} />}
      {readme.data && (
        <Suspense fallback={<Skeleton label={t("general:loading")} />}>
          <Readme text={readme.data.text} />
          {readme.data.is_truncated && <Warning>{t("readmeTruncated")}</Warning>}
        </Suspense>
      )}
    </Section>
  );
}
