import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Guarded } from "@/components/guarded";
import { Trouble } from "@/components/loaded";
import { usePreferences } from "@/preferences";
import { Button } from "@/ui/button";
import { Empty, Skeleton } from "@/ui/notice";
import { Page, Section } from "@/ui/page";
import { AuditActions } from "./audit_actions";
import { AuditFilterBar } from "./audit_filter_bar";
import { AuditTable } from "./audit_table";
import type { AuditFilter } from "./filter";
import { auditQuery } from "./queries";

const route = getRouteApi("/audit");

/** Who did what, newest first. */
export function AuditPage() {
  const { t } = useTranslation("audit");
  const filter = route.useSearch();
  return (
    <Page title={t("title")} state={t("state")} actions={<AuditActions filter={filter} />}>
      <Guarded operation="list_audit" needs="admin">
        <Log filter={filter} />
      </Guarded>
    </Page>
  );
}

function Log({ filter }: { filter: AuditFilter }) {
  const { t } = useTranslation(["audit", "general"]);
  const { zone } = usePreferences();
  const navigate = useNavigate();
  const query = useInfiniteQuery(auditQuery(filter, zone));
  const entries = query.data?.pages.flatMap((page) => page.entries);
  const isNarrowed = Object.keys(filter).length > 0;
  const narrow = (wanted: AuditFilter) => void navigate({ to: "/audit", search: wanted, replace: true });
  return (
    <>
      <AuditFilterBar filter={filter} onChange={narrow} />
      {query.error && !entries && <Trouble error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={10} label={t("general:loading")} />}
      {entries && (
        <Section title={t("entries")} isFlush>
          {entries.length > 0 ? (
            <AuditTable entries={entries} />
          ) : (
            <Empty title={t(isNarrowed ? "none" : "empty")}>
              <p>{t(isNarrowed ? "noneHint" : "emptyHint")}</p>
              {isNarrowed && <Button onClick={() => narrow({})}>{t("reset")}</Button>}
            </Empty>
          )}
        </Section>
      )}
      {query.hasNextPage && (
        <div>
          <Button isBusy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t("older")}
          </Button>
        </div>
      )}
    </>
  );
}
