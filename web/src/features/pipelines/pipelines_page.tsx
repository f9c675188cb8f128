import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "@/components/loaded";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/notice";
import { Page } from "@/ui/page";
import { counted, filtered, type PipelineFilter, type PipelineSummary } from "./filter";
import { FilterBar } from "./filter_bar";
import { PipelineList } from "./pipeline_list";
import { pipelinesQuery } from "./queries";

const route = getRouteApi("/pipelines");

/** All pipelines: how each did lately, and what is wrong with those that can't run. */
export function PipelinesPage() {
  const { t } = useTranslation("pipelines");
  const query = useQuery(pipelinesQuery);
  return (
    <Page title={t("title")}>
      <Loaded query={query} rows={10}>
        {({ pipelines }) =>
          pipelines.length === 0 ? (
            <Empty title={t("empty")}>{t("emptyHint")}</Empty>
          ) : (
            <Filtered pipelines={pipelines} />
          )
        }
      </Loaded>
    </Page>
  );
}

function Filtered({ pipelines }: { pipelines: readonly PipelineSummary[] }) {
  const { t } = useTranslation("pipelines");
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const counts = useMemo(() => counted(pipelines), [pipelines]);
  const shown = useMemo(() => filtered(pipelines, filter), [pipelines, filter]);
  // Each letter of a search would be a step back otherwise.
  const change = (now: PipelineFilter) => void navigate({ search: now, replace: true, resetScroll: false });
  return (
    <>
      <FilterBar
        filter={filter}
        counts={counts}
        shown={shown.length}
        all={pipelines.length}
        onChange={change}
      />
      {shown.length > 0 ? (
        <PipelineList pipelines={shown} />
      ) : (
        <Empty title={t("noMatch")}>
          <Button onClick={() => change({})}>{t("showAll")}</Button>
        </Empty>
      )}
    </>
  );
}
