import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "@/api/client";

/** One pipeline with its manifest. */
export function pipelineQuery(name: string) {
  return queryOptions({
    queryKey: ["pipeline", name],
    queryFn: ({ signal }) => ask(client.GET("/api/pipelines/{name}", { signal, params: { path: { name } } })),
  });
}
