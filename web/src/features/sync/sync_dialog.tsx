import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/components/loaded";
import { Said } from "@/components/said";
import { Elapsed, Moment } from "@/components/time";
import { Badge } from "@/ui/badge";
import { Dialog } from "@/ui/dialog";
import { KeyValues } from "@/ui/key_values";
import { ChangesView } from "./changes_view";
import { shortCommit } from "./commit";
import { type Sync, syncQuery } from "./queries";
import styles from "./sync.module.css";
import { SYNC_TONES } from "./sync_log";

const route = getRouteApi("/sync");

/** One sync in full; which one stands in the URL. */
export function SyncDialog({ id }: { id: string | null }) {
  const { t } = useTranslation(["sync", "general"]);
  const query = useQuery({ ...syncQuery(id ?? ""), enabled: id !== null });
  const { sync: _, ...rest } = route.useSearch();
  const navigate = useNavigate();
  return (
    <Dialog
      isOpen={id !== null}
      onClose={() => void navigate({ to: "/sync", search: rest })}
      title={t("detailOf", { name: query.data?.repository ?? "" })}
      closeLabel={t("general:close")}
      isWide
    >
      <Loaded query={query}>{(sync) => <Detail sync={sync} />}</Loaded>
    </Dialog>
  );
}

function Detail({ sync }: { sync: Sync }) {
  const { t } = useTranslation("sync");
  const commits = [sync.commit_before, sync.commit_after].filter((id) => id !== null).map(shortCommit);
  return (
    <>
      <p className={sync.status === "FAILED" ? styles.problem : undefined}>
        {sync.message && <Said code={sync.code} text={sync.message} />}
      </p>
      <KeyValues
        facts={[
          [
            t("result"),
            <Badge key="result" tone={SYNC_TONES[sync.status]}>
              {t(`results.${sync.status}`)}
            </Badge>,
          ],
          [t("when"), <Moment key="when" at={sync.started_at} />],
          [t("took"), <Elapsed key="took" from={sync.started_at} to={sync.finished_at} />],
          [t("trigger"), t(`triggers.${sync.trigger}`)],
          [t("commits"), commits.join(" → ")],
        ]}
      />
      {sync.changes && <ChangesView changes={sync.changes} />}
    </>
  );
}
