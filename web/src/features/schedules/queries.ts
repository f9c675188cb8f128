import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "@/api/client";
import { MOST_EACH } from "./day";

const QUIET_MS = 60_000;
const OFTEN_MS = 10_000;
const FEW = 500;

/** Every schedule with what it does next and did last. */
export const schedulesQuery = queryOptions({
  queryKey: ["schedules"],
  queryFn: ({ signal }) => ask(client.GET("/api/schedules", { signal })),
  // What was due last changes with each run; thousands of schedules are not asked for as often as that.
  refetchInterval: ({ state }) => ((state.data?.schedules.length ?? 0) < FEW ? OFTEN_MS : QUIET_MS),
});

/** What is due within a day; a frequent schedule hides no other. */
export const dayQuery = queryOptions({
  queryKey: ["schedules", "day"],
  queryFn: ({ signal }) =>
    ask(
      client.GET("/api/schedules/upcoming", {
        signal,
        params: { query: { limit: 1000, most_each: MOST_EACH } },
      }),
    ),
  refetchInterval: QUIET_MS,
});

/** What was due within the last day and made no run. */
export const notRunQuery = queryOptions({
  queryKey: ["schedules", "not run"],
  queryFn: ({ signal }) => ask(client.GET("/api/schedules/not-run", { signal })),
  refetchInterval: QUIET_MS,
});
