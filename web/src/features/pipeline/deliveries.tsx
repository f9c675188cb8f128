import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Trouble } from "@/components/loaded";
import { Said } from "@/components/said";
import { Moment } from "@/components/time";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Empty, Skeleton } from "@/ui/notice";
import styles from "./pipeline.module.css";
import { deliveriesQuery } from "./trigger_queries";

const TONES: Record<Schemas["DeliveryStatus"], Tone> = {
  accepted: "ok",
  refused: "problem",
  duplicate: "off",
  ignored: "off",
};

/** What other systems sent to the webhook, and what became of it. */
export function Deliveries({ name }: { name: string }) {
  const { t } = useTranslation(["pipeline", "general"]);
  const query = useInfiniteQuery(deliveriesQuery(name));
  const rows = query.data?.pages.flatMap((page) => page.deliveries);
  return (
    <>
      {query.error && !rows && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && (
        <div className={styles.intro}>
          <Skeleton rows={3} label={t("general:loading")} />
        </div>
      )}
      {rows?.length === 0 && <Empty title={t("noDelivery")}>{t("noDeliveryHint")}</Empty>}
      {rows && rows.length > 0 && (
        <DataTable
          label={t("deliveries")}
          rows={rows}
          keyOf={({ id }) => id}
          columns={[
            { head: t("at"), isName: true, cell: ({ at }) => <Moment at={at} /> },
            {
              head: t("result"),
              cell: ({ status }) => <Badge tone={TONES[status]}>{t(`delivery.${status}`)}</Badge>,
            },
            { head: t("key"), cell: ({ sender }) => sender && <code>…{sender}</code> },
            { head: t("from"), cell: ({ remote }) => remote },
            {
              head: t("run"),
              cell: ({ run_id }) =>
                run_id && (
                  <Link to="/runs/$runId" params={{ runId: run_id }}>
                    {t("toRun")}
                  </Link>
                ),
            },
            {
              head: t("why"),
              isText: true,
              cell: ({ code, message }) => message && <Said code={code} text={message} />,
            },
          ]}
        />
      )}
      {query.hasNextPage && (
        <p className={styles.intro}>
          <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("olderDeliveries")}
          </Button>
        </p>
      )}
    </>
  );
}
