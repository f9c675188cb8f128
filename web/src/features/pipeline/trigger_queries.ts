import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "@/api/client";

const PAGE = 30;

/** The keys that open the pipeline's webhook; never the keys themselves. */
export function keysQuery(name: string) {
  return queryOptions({
    queryKey: ["deliveries", "keys", name],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/pipelines/{name}/webhook-keys", { signal, params: { path: { name } } })),
  });
}

/** What was delivered to the webhook, newest first. Refused deliveries are no events: it is looked again. */
export function deliveriesQuery(name: string) {
  return infiniteQueryOptions({
    queryKey: ["deliveries", name],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }): Promise<Schemas["DeliveryPage"]> =>
      ask(
        client.GET("/api/pipelines/{name}/deliveries", {
          signal,
          params: { path: { name }, query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: 15_000,
  });
}

/** Which pipeline starts which. */
export const graphQuery = queryOptions({
  queryKey: ["graph"],
  queryFn: ({ signal }) => ask(client.GET("/api/graph", { signal })),
});
