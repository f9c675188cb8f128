import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Trouble } from "@/components/loaded";
import { Said } from "@/components/said";
import { Status } from "@/components/status";
import { Moment } from "@/components/time";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { ChipToggle } from "@/ui/chip";
import { DataTable } from "@/ui/data_table";
import { Empty, Skeleton } from "@/ui/notice";
import styles from "./pipeline.module.css";
import { ledgerQuery } from "./schedule_queries";
import { OCCURRENCE_STATUSES, type OccurrenceStatus } from "./search";

interface LedgerProps {
  scheduleId: string;
  status: OccurrenceStatus | undefined;
  onStatus: (status: OccurrenceStatus | undefined) => void;
}

const TONES: Record<OccurrenceStatus, Tone> = {
  run: "ok",
  waiting: "waiting",
  coalesced: "off",
  skipped: "off",
};

/** What became of every due moment of a schedule: a run, or a reason. */
export function Ledger({ scheduleId, status, onStatus }: LedgerProps) {
  const { t } = useTranslation(["pipeline", "general"]);
  const query = useInfiniteQuery(ledgerQuery(scheduleId, status));
  const rows = query.data?.pages.flatMap((page) => page.occurrences);
  return (
    <div className={styles.stack}>
      {/* biome-ignore lint/a11y/useSemanticElements: no set of fields */}
      <div role="group" aria-label={t("byResult")} className={styles.chips}>
        {OCCURRENCE_STATUSES.map((each) => (
          <ChipToggle
            key={each}
            isOn={status === each}
            onToggle={() => onStatus(status === each ? undefined : each)}
          >
            {t(`occurrence.${each}`)}
          </ChipToggle>
        ))}
      </div>
      {query.error && !rows && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={5} label={t("general:loading")} />}
      {rows?.length === 0 && <Empty title={t(status ? "noOccurrence" : "nothingDue")} />}
      {rows && rows.length > 0 && (
        <DataTable
          label={t("ledger")}
          rows={rows}
          keyOf={(row) => row.due_at + row.status}
          columns={[
            { head: t("due"), isName: true, cell: (row) => <Due row={row} /> },
            {
              head: t("result"),
              cell: ({ status }) => <Badge tone={TONES[status]}>{t(`occurrence.${status}`)}</Badge>,
            },
            { head: t("run"), cell: (row) => <Made row={row} /> },
            {
              head: t("why"),
              isText: true,
              cell: ({ code, reason }) => reason && <Said code={code} text={reason} />,
            },
          ]}
        />
      )}
      {query.hasNextPage && (
        <div>
          <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("olderOccurrences")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Due({ row }: { row: Schemas["OccurrenceView"] }) {
  const { t } = useTranslation("pipeline");
  return (
    <>
      <Moment at={row.due_at} />
      {row.count > 1 && ` ${t("andBefore", { count: row.count - 1 })}`}
    </>
  );
}

/** The run that an occurrence made, or that stands for it. */
export function Made({ row }: { row: Schemas["OccurrenceView"] }) {
  const { t } = useTranslation("pipeline");
  if (row.run_id === null) return null;
  return (
    <Link to="/runs/$runId" params={{ runId: row.run_id }}>
      {row.run_status ? <Status status={row.run_status} hasWord /> : t("toRun")}
    </Link>
  );
}
