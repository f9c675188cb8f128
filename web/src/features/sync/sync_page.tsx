import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Plus, RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRefusal } from "@/components/permissions";
import { announceProblem } from "@/components/said";
import { Button } from "@/ui/button";
import { Page } from "@/ui/page";
import { Tabs } from "@/ui/tabs";
import { announce } from "@/ui/toast";
import { AccessDialog } from "./access_dialog";
import { GitHubApps } from "./github_apps";
import { refreshRepositories, repositoriesQuery, startSync } from "./queries";
import { Repositories } from "./repositories";
import { RepositoryForm } from "./repository_form";
import type { SyncTab } from "./search";
import { SyncDialog } from "./sync_dialog";
import { SyncLog } from "./sync_log";

const route = getRouteApi("/sync");

/** Where pipelines come from, and how in step they are. */
export function SyncPage() {
  const { t } = useTranslation("sync");
  const { tab = "repositories", sync } = route.useSearch();
  const navigate = useNavigate();
  const [isAdding, setAdding] = useState(false);
  const [added, setAdded] = useState<string | null>(null);
  return (
    <Page
      title={t("title")}
      state={t("hint")}
      actions={
        <>
          <SyncAll />
          <Button
            kind="primary"
            icon={<Plus />}
            refused={useRefusal("create_repository")}
            onClick={() => setAdding(true)}
          >
            {t("add")}
          </Button>
        </>
      }
    >
      <Tabs<SyncTab>
        label={t("tabs")}
        value={tab}
        onChange={(value) => void navigate({ to: "/sync", search: { tab: value }, replace: true })}
        tabs={[
          { value: "repositories", label: t("tab.repositories"), content: () => <Repositories /> },
          { value: "log", label: t("tab.log"), content: () => <SyncLog /> },
          { value: "apps", label: t("tab.apps"), content: () => <GitHubApps /> },
        ]}
      />
      <RepositoryForm
        repository={null}
        isOpen={isAdding}
        onClose={() => setAdding(false)}
        onDone={({ name, authentication }) => {
          announce(t("added", { name }));
          // Its key has to be entered elsewhere before anything can be fetched.
          if (authentication === "deploy_key") setAdded(name);
        }}
      />
      <AccessDialog name={added} onClose={() => setAdded(null)} />
      <SyncDialog id={sync ?? null} />
    </Page>
  );
}

function SyncAll() {
  const { t } = useTranslation("sync");
  const queryClient = useQueryClient();
  const { data } = useQuery(repositoriesQuery);
  const refused = useRefusal("start_sync");
  const syncing = useMutation({
    mutationFn: () => startSync(null),
    onSuccess: () => announce(t("begun")),
    onError: announceProblem,
    onSettled: () => refreshRepositories(queryClient),
  });
  const hasNone = data?.repositories.length === 0;
  return (
    <Button
      icon={<RefreshCw />}
      refused={refused ?? (hasNone ? t("empty") : null)}
      isBusy={syncing.isPending}
      onClick={() => syncing.mutate()}
    >
      {t("syncAll")}
    </Button>
  );
}
