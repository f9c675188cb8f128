import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Trouble } from "@/components/loaded";
import { Said } from "@/components/said";
import { Elapsed, Moment } from "@/components/time";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Field, Select } from "@/ui/field";
import { Empty, Skeleton } from "@/ui/notice";
import { Section } from "@/ui/page";
import { repositoriesQuery, type Sync, syncLogQuery } from "./queries";
import styles from "./sync.module.css";

export const SYNC_TONES: Record<Sync["status"], Tone> = {
  RUNNING: "active",
  SUCCESS: "ok",
  FAILED: "problem",
  INTERRUPTED: "waiting",
};

const route = getRouteApi("/sync");

/** What each sync brought, and why one failed. */
export function SyncLog() {
  const { t } = useTranslation(["sync", "general"]);
  const { repository } = route.useSearch();
  const navigate = useNavigate();
  const repositories = useQuery(repositoriesQuery);
  const query = useInfiniteQuery(syncLogQuery(repository));
  const syncs = query.data?.pages.flatMap((page) => page.syncs);
  return (
    <>
      <div className={styles.filter}>
        <Field label={t("repository")}>
          <Select
            value={repository ?? ""}
            onChange={({ target: { value } }) =>
              void navigate({
                to: "/sync",
                search: { tab: "log", ...(value && { repository: value }) },
                replace: true,
              })
            }
          >
            <option value="">{t("allRepositories")}</option>
            {repositories.data?.repositories.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
      </div>
      {query.error && !syncs && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={8} label={t("general:loading")} />}
      {syncs && (
        <Section title={t("tab.log")} isFlush>
          {syncs.length === 0 ? <Empty title={t("noLog")}>{t("noLogHint")}</Empty> : <Table syncs={syncs} />}
        </Section>
      )}
      {query.hasNextPage && (
        <div className={styles.foot}>
          <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("older")}
          </Button>
        </div>
      )}
    </>
  );
}

function Table({ syncs }: { syncs: readonly Sync[] }) {
  const { t } = useTranslation("sync");
  const search = route.useSearch();
  return (
    <DataTable
      label={t("tab.log")}
      rows={syncs}
      keyOf={({ id }) => id}
      columns={[
        { head: t("when"), cell: ({ started_at }) => <Moment at={started_at} /> },
        { head: t("repository"), isName: true, cell: ({ repository }) => repository },
        {
          head: t("result"),
          cell: ({ status }) => <Badge tone={SYNC_TONES[status]}>{t(`results.${status}`)}</Badge>,
        },
        {
          head: t("what"),
          isText: true,
          cell: ({ code, message }) => message && <Said code={code} text={message} />,
        },
        { head: t("trigger"), cell: ({ trigger }) => t(`triggers.${trigger}`) },
        {
          head: t("took"),
          isFigure: true,
          cell: ({ started_at, finished_at }) => <Elapsed from={started_at} to={finished_at} />,
        },
        {
          head: t("details"),
          isActions: true,
          cell: ({ id }) => (
            <Link to="/sync" search={{ ...search, sync: id }}>
              {t("details")}
            </Link>
          ),
        },
      ]}
    />
  );
}
