import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "@/api/client";

const SAMPLES_MS = 2000;
const QUIET_MS = 60_000;

/** What goes on now. Events bring changes; only what running attempts use has to be asked for. */
export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => ask(client.GET("/api/overview", { signal })),
  // Not while the page is hidden: that is the default of `refetchInterval`.
  refetchInterval: ({ state }) => (state.data && state.data.running_total > 0 ? SAMPLES_MS : QUIET_MS),
});

const NEXT = 6;

export const nextQuery = queryOptions({
  queryKey: ["upcoming", NEXT],
  queryFn: ({ signal }) =>
    ask(client.GET("/api/schedules/upcoming", { signal, params: { query: { limit: NEXT, most_each: 1 } } })),
  refetchInterval: QUIET_MS,
});

/** Whether anything starts runs by itself, or brings pipelines: the last step of the guide. */
export const automationQuery = queryOptions({
  queryKey: ["schedules", "any"],
  queryFn: async ({ signal }) => {
    const [{ schedules }, { repositories }] = await Promise.all([
      ask(client.GET("/api/schedules", { signal, params: { query: { limit: 100 } } })),
      ask(client.GET("/api/repositories", { signal })),
    ]);
    return schedules.some(({ is_present }) => is_present) || repositories.length > 0;
  },
});
