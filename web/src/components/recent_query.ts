import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";

/** The last runs of these pipelines, and when each is due next. */
export function recentQuery(names: readonly string[]) {
  return queryOptions({
    queryKey: ["recent", names],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/runs/recent", { signal, params: { query: { pipeline_name: [...names] } } })),
    placeholderData: keepPreviousData,
  });
}

/** Return the run that says how a pipeline does: what was skipped says less than the run before it. */
export function latestOf({ runs }: Schemas["RecentView"]): Schemas["RecentRunView"] | undefined {
  return runs.find(({ status }) => status !== "SKIPPED") ?? runs[0];
}
