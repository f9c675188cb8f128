import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Trouble } from "@/components/loaded";
import { RunTable } from "@/components/run_table";
import { RUN_STATUSES, type RunStatus } from "@/components/status";
import { Button } from "@/ui/button";
import { ChipToggle } from "@/ui/chip";
import { Empty, Skeleton } from "@/ui/notice";
import styles from "./pipeline.module.css";
import { runsOfQuery } from "./queries";

interface RunsTabProps {
  name: string;
  status: readonly RunStatus[];
  onStatus: (status: RunStatus[]) => void;
}

/** The runs of the pipeline, newest first. */
export function RunsTab({ name, status, onStatus }: RunsTabProps) {
  const { t } = useTranslation(["pipeline", "general"]);
  const query = useInfiniteQuery(runsOfQuery(name, status));
  const runs = query.data?.pages.flatMap((page) => page.runs);
  return (
    <div className={styles.stack}>
      {/* biome-ignore lint/a11y/useSemanticElements: no set of fields */}
      <div role="group" aria-label={t("byStatus")} className={styles.chips}>
        {RUN_STATUSES.map((each) => (
          <ChipToggle
            key={each}
            isOn={status.includes(each)}
            onToggle={() =>
              onStatus(status.includes(each) ? status.filter((other) => other !== each) : [...status, each])
            }
          >
            {t(`general:status.${each}`)}
          </ChipToggle>
        ))}
      </div>
      {query.error && !runs && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={8} label={t("general:loading")} />}
      {runs?.length === 0 && (
        <Empty title={t(status.length > 0 ? "noSuchRun" : "noRun")}>{t("noRunHint")}</Empty>
      )}
      {runs && runs.length > 0 && <RunTable runs={runs} withPipeline={false} />}
      {query.hasNextPage && (
        <div>
          <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("older")}
          </Button>
        </div>
      )}
    </div>
  );
}
