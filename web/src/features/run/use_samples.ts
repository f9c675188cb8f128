import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Schemas } from "@/api/client";
import { followStream } from "@/api/event_stream";
import { metricsQuery } from "./queries";
import { hasEnded } from "./sentence";

type Metrics = Schemas["MetricsView"];

/** What an attempt used, and, while it is the run's present one, what it uses from now on. */
export function useSamples(run: Schemas["RunDetail"], attempt: number) {
  const queryClient = useQueryClient();
  const query = useQuery(metricsQuery(run.id, attempt));
  const isLive = !hasEnded(run) && attempt === run.attempt_count && query.isSuccess;
  useEffect(() => {
    if (!isLive) return;
    const seen = queryClient.getQueryData<Metrics>(metricsQuery(run.id, attempt).queryKey)?.samples.length;
    const stream = followStream(`/api/runs/${run.id}/metrics/stream`, {
      lastEventId: `${attempt}-${seen ?? 0}`,
      onEvents: (events) => {
        const own = events.filter(({ event, id }) => event !== "end" && id?.startsWith(`${attempt}-`));
        const samples = own.map(({ data }) => JSON.parse(data) as Schemas["SampleView"]);
        if (samples.length > 0) add(queryClient, run.id, attempt, samples);
      },
    });
    return () => {
      stream.stop();
      // The run may be known to have ended before its last samples have come.
      void queryClient.invalidateQueries(metricsQuery(run.id, attempt));
    };
  }, [isLive, run.id, attempt, queryClient]);
  return query;
}

/** Add samples to those that are known; the answer to another question may have brought some already. */
function add(
  queryClient: QueryClient,
  runId: string,
  attempt: number,
  samples: readonly Schemas["SampleView"][],
): void {
  queryClient.setQueryData<Metrics>(metricsQuery(runId, attempt).queryKey, (before) => {
    if (before === undefined) return before;
    const last = Date.parse(before.samples.at(-1)?.at ?? "1970-01-01T00:00:00Z");
    const later = samples.filter(({ at }) => Date.parse(at) > last);
    return later.length === 0 ? before : { ...before, samples: before.samples.concat(later) };
  });
}
