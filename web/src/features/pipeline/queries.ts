import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";
import type { RunStatus } from "@/components/status";
import { CALENDAR_DAYS } from "./calendar";

const PAGE = 50;

/** The runs of a pipeline, newest first, page by page. */
export function runsOfQuery(name: string, status: readonly RunStatus[]) {
  return infiniteQueryOptions({
    queryKey: ["runs", "of", name, status],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }): Promise<Schemas["RunPageView"]> =>
      ask(
        client.GET("/api/runs", {
          signal,
          params: {
            query: {
              pipeline_name: name,
              limit: PAGE,
              ...(status.length > 0 && { status: [...status] }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

const TREND = 100;

/** As many of its last runs as trends are drawn of. */
export function lastRunsQuery(name: string) {
  return queryOptions({
    queryKey: ["runs", "trend", name],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/runs", { signal, params: { query: { pipeline_name: name, limit: TREND } } })),
  });
}

/** One run, for the limits that it had. */
export function specQuery(runId: string) {
  return queryOptions({
    queryKey: ["run", runId],
    enabled: runId !== "",
    queryFn: ({ signal }) =>
      ask(client.GET("/api/runs/{run_id}", { signal, params: { path: { run_id: runId } } })),
  });
}

/** How the runs of each day ended, over a year. */
export function daysQuery(name: string) {
  return queryOptions({
    queryKey: ["statistics", "days", name],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/pipelines/{name}/days", {
          signal,
          params: { path: { name }, query: { days: CALENDAR_DAYS } },
        }),
      ),
  });
}

/** What its authors say of it. */
export function readmeQuery(name: string) {
  return queryOptions({
    queryKey: ["pipeline", name, "readme"],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/pipelines/{name}/readme", { signal, params: { path: { name } } })),
  });
}
