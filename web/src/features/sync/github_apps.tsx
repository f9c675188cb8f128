import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ask, client } from "@/api/client";
import { ConfirmDialog } from "@/components/confirm_dialog";
import { Loaded } from "@/components/loaded";
import { useRefusal } from "@/components/permissions";
import { Button } from "@/ui/button";
import { DataTable } from "@/ui/data_table";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/notice";
import { Section } from "@/ui/page";
import { announce } from "@/ui/toast";
import { AddGitHubApp } from "./add_github_app";
import { type GitHubApp, githubAppsQuery, installationsQuery, pathOf } from "./queries";

type Asked = { deed: "installations" | "delete"; name: string } | null;

/** The GitHub Apps that open repositories. */
export function GitHubApps() {
  const { t } = useTranslation(["sync", "general"]);
  const queryClient = useQueryClient();
  const query = useQuery(githubAppsQuery);
  const [isAdding, setAdding] = useState(false);
  const [asked, setAsked] = useState<Asked>(null);
  const name = asked?.name ?? "";
  const close = () => setAsked(null);
  return (
    <Section
      title={t("tab.apps")}
      isFlush
      actions={
        <Button icon={<Plus />} refused={useRefusal("create_github_app")} onClick={() => setAdding(true)}>
          {t("addApp")}
        </Button>
      }
    >
      <Loaded query={query}>
        {({ github_apps }) =>
          github_apps.length === 0 ? (
            <Empty title={t("noApps")}>{t("noAppsHint")}</Empty>
          ) : (
            <Table apps={github_apps} onAsk={setAsked} />
          )
        }
      </Loaded>
      <AddGitHubApp isOpen={isAdding} onClose={() => setAdding(false)} />
      <Dialog
        isOpen={asked?.deed === "installations"}
        onClose={close}
        title={t("installationsOf", { name })}
        closeLabel={t("general:close")}
        isWide
      >
        <Installations name={name} />
      </Dialog>
      <ConfirmDialog
        isOpen={asked?.deed === "delete"}
        onClose={close}
        title={t("deleteTitle", { name })}
        verb={t("general:delete")}
        act={() => ask(client.DELETE("/api/github-apps/{name}", { params: pathOf(name) }))}
        onDone={(app) => {
          announce(t("deleted", { name: app.name }));
          void queryClient.invalidateQueries({ queryKey: ["github_apps"] });
        }}
      >
        {t("appDeleteHint")}
      </ConfirmDialog>
    </Section>
  );
}

function Table({ apps, onAsk }: { apps: readonly GitHubApp[]; onAsk: (asked: Asked) => void }) {
  const { t } = useTranslation(["sync", "general"]);
  const refusal = { list: useRefusal("list_installations"), delete: useRefusal("delete_github_app") };
  return (
    <DataTable
      label={t("tab.apps")}
      rows={apps}
      keyOf={({ name }) => name}
      columns={[
        { head: t("name"), isName: true, cell: ({ name }) => name },
        { head: t("appId"), cell: ({ app_id }) => app_id },
        { head: t("apiUrl"), isText: true, cell: ({ api_url }) => api_url },
        { head: t("origin"), cell: ({ origin }) => t(`origins.${origin}`) },
        {
          head: t("general:actions"),
          isActions: true,
          cell: ({ name, origin }) => (
            <>
              <Button
                kind="quiet"
                refused={refusal.list}
                onClick={() => onAsk({ deed: "installations", name })}
              >
                {t("installations")}
              </Button>
              <Button
                kind="quiet"
                refused={refusal.delete ?? (origin === "settings" ? t("bySettings") : null)}
                onClick={() => onAsk({ deed: "delete", name })}
              >
                {t("general:delete")}
              </Button>
            </>
          ),
        },
      ]}
    />
  );
}

function Installations({ name }: { name: string }) {
  const { t } = useTranslation("sync");
  const query = useQuery(installationsQuery(name));
  return (
    <Loaded query={query}>
      {({ installations }) =>
        installations.length === 0 ? (
          <p>{t("notInstalled")}</p>
        ) : (
          <DataTable
            label={t("installations")}
            rows={installations}
            keyOf={({ id }) => id}
            columns={[
              {
                head: t("account"),
                isName: true,
                cell: ({ account, is_suspended }) =>
                  is_suspended ? `${account} (${t("suspended")})` : account,
              },
              { head: t("readable"), isText: true, cell: ({ repositories }) => repositories.join(", ") },
            ]}
          />
        )
      }
    </Loaded>
  );
}
