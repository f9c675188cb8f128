import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "@/api/client";

/** All pipelines by name. Runs change their figures without an event of their own. */
export const pipelinesQuery = queryOptions({
  queryKey: ["pipelines"],
  queryFn: ({ signal }) => ask(client.GET("/api/pipelines", { signal })),
  refetchInterval: 60_000,
});
