import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Loaded } from "@/components/loaded";
import { pipelineQuery } from "@/components/pipeline_query";
import { StartButton } from "@/features/start/start_button";
import { StartDialog } from "@/features/start/start_dialog";
import { Page } from "@/ui/page";
import { type Tab, Tabs } from "@/ui/tabs";
import { EnvironmentTab } from "./environment_tab";
import { ManifestTab } from "./manifest_tab";
import { OverviewTab } from "./overview_tab";
import { RunsTab } from "./runs_tab";
import { SchedulesTab } from "./schedules_tab";
import type { Change, PipelineSearch, Tab as TabName } from "./search";
import { TitleState } from "./title_state";
import { TriggersTab } from "./triggers_tab";

const route = getRouteApi("/pipelines/$name");

/** One pipeline: what it is, how it does, what starts it, what it runs in. */
export function PipelinePage() {
  const { name } = route.useParams();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const query = useQuery(pipelineQuery(name));
  const change = (part: { [Key in keyof PipelineSearch]: PipelineSearch[Key] | undefined }) =>
    void navigate({ search: (before) => present({ ...before, ...part }), replace: true, resetScroll: false });
  return (
    <Page
      title={name}
      state={query.data && <TitleState pipeline={query.data} />}
      actions={
        query.data && (
          <StartButton pipeline={query.data} kind="primary" onPress={() => change({ start: true })} />
        )
      }
    >
      <Loaded query={query} rows={10}>
        {(pipeline) => <Content key={name} pipeline={pipeline} search={search} change={change} />}
      </Loaded>
      {search.start && (
        <StartDialog
          key={search.like}
          pipelineName={name}
          like={search.like ?? null}
          onClose={() => change({ start: undefined, like: undefined })}
        />
      )}
    </Page>
  );
}

/** Leave out what is not there any more: it leaves the URL. */
function present(search: { [Key in keyof PipelineSearch]: PipelineSearch[Key] | undefined }): PipelineSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

interface ContentProps {
  pipeline: Schemas["PipelineView"];
  search: PipelineSearch;
  change: Change;
}

function Content({ pipeline, search, change }: ContentProps) {
  const { t } = useTranslation("pipeline");
  const { name } = pipeline;
  const tabs: Tab<TabName>[] = [
    { value: "overview", label: t("tab.overview"), content: () => <OverviewTab name={name} /> },
    {
      value: "runs",
      label: t("tab.runs"),
      content: () => (
        <RunsTab
          name={name}
          status={search.status ?? []}
          onStatus={(status) => change({ status: status.length > 0 ? status : undefined })}
        />
      ),
    },
    {
      value: "schedules",
      label: t("tab.schedules"),
      content: () => <SchedulesTab name={name} search={search} change={change} />,
    },
    {
      value: "triggers",
      label: t("tab.triggers"),
      content: () => <TriggersTab pipeline={pipeline} />,
    },
    {
      value: "environment",
      label: t("tab.environment"),
      content: () => (
        <EnvironmentTab
          name={name}
          text={search.package ?? ""}
          onText={(text) => change({ package: text })}
        />
      ),
    },
    {
      value: "manifest",
      label: t("tab.manifest"),
      content: () => <ManifestTab pipeline={pipeline} />,
    },
  ];
  return (
    <Tabs<TabName>
      label={t("tabs")}
      value={search.tab ?? "overview"}
      tabs={tabs}
      onChange={(tab) => change({ tab: tab === "overview" ? undefined : tab })}
    />
  );
}
