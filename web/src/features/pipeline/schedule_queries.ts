import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";
import type { OccurrenceStatus } from "./search";

const NEXT = 5;
const PAGE = 30;

/** The schedules of a pipeline, vanished ones too: their ledger stays. */
export function schedulesQuery(name: string) {
  return queryOptions({
    queryKey: ["schedules", name],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/schedules", { signal, params: { query: { pipeline_name: name } } })),
  });
}

/** When a schedule is due next. */
export function nextQuery(scheduleId: string) {
  return queryOptions({
    queryKey: ["upcoming", scheduleId],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/schedules/{schedule_id}/next", {
          signal,
          params: { path: { schedule_id: scheduleId }, query: { count: NEXT } },
        }),
      ),
  });
}

/** What became of each occurrence, newest first. */
export function ledgerQuery(scheduleId: string, status: OccurrenceStatus | undefined) {
  return infiniteQueryOptions({
    queryKey: ["ledger", scheduleId, status],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }): Promise<Schemas["OccurrencePage"]> =>
      ask(
        client.GET("/api/schedules/{schedule_id}/occurrences", {
          signal,
          params: {
            path: { schedule_id: scheduleId },
            query: { limit: PAGE, ...(status && { status }), ...(pageParam && { cursor: pageParam }) },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** Why it did, or did not, run at a minute, as the clocks of each schedule show it. */
export function whyQuery(name: string, at: string) {
  return queryOptions({
    queryKey: ["ledger", "why", name, at],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/pipelines/{name}/why", { signal, params: { path: { name }, query: { at } } })),
  });
}
