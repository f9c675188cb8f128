import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "@/api/client";
import { plainText } from "@/features/log/ansi";

/** One run with its attempts. */
export function runQuery(runId: string) {
  return queryOptions({
    queryKey: ["run", runId],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/runs/{run_id}", { signal, params: { path: { run_id: runId } } })),
  });
}

/** What differs from the last run of the pipeline that succeeded before this one. */
export function comparisonQuery(runId: string) {
  return queryOptions({
    queryKey: ["comparison", runId],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/runs/{run_id}/comparison", { signal, params: { path: { run_id: runId } } })),
    staleTime: Number.POSITIVE_INFINITY, // both have ended
  });
}

const LOOKED_BACK_LINES = 200;

/** The last line with anything in it that a run wrote to stderr; most say there why they failed. */
export function lastWordsQuery(runId: string, logLines: number) {
  return queryOptions({
    queryKey: ["last_words", runId, logLines],
    queryFn: async ({ signal }) => {
      const query = {
        from_line: Math.max(logLines - LOOKED_BACK_LINES, 0),
        limit: LOOKED_BACK_LINES,
        stream: "stderr" as const,
      };
      const text: string = await ask(
        client.GET("/api/runs/{run_id}/logs", {
          signal,
          params: { path: { run_id: runId }, query },
          parseAs: "text",
        }),
      );
      return (
        text
          .split("\n")
          .map(plainText)
          .findLast((line) => line.trim() !== "") ?? null
      );
    },
    staleTime: Number.POSITIVE_INFINITY, // it has ended
  });
}

/** What an attempt used; what comes later is added to it as it comes (`use_samples.ts`). */
export function metricsQuery(runId: string, attempt: number) {
  return queryOptions({
    queryKey: ["metrics", runId, attempt],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/runs/{run_id}/metrics", {
          signal,
          params: { path: { run_id: runId }, query: { attempt } },
        }),
      ),
  });
}
