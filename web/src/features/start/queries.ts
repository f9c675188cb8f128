import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "@/api/client";

const CHOICES = 20;

/** The last runs of a pipeline, to start another one like them. */
export function lastRunsQuery(name: string) {
  return queryOptions({
    queryKey: ["runs", "last", name],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/runs", { signal, params: { query: { pipeline_name: name, limit: CHOICES } } })),
  });
}

/** What a run was given. */
export function givenQuery(runId: string | null) {
  return queryOptions({
    queryKey: ["run", runId],
    enabled: runId !== null,
    staleTime: Number.POSITIVE_INFINITY, // what it was given never changes
    queryFn: ({ signal }) =>
      ask(client.GET("/api/runs/{run_id}", { signal, params: { path: { run_id: runId ?? "" } } })),
  });
}
