import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Schemas } from "@/api/client";
import { type EventSourceMessage, followStream } from "@/api/event_stream";
import { setConnection } from "@/components/connection";

type EventType = Schemas["EventType"];

/** What each kind of event makes out of date: the first word of query keys (each feature's `queries.ts`). */
const TOUCHES: Record<EventType, readonly string[]> = {
  "run.created": ["runs", "overview", "recent", "upcoming", "ledger", "deliveries"],
  "run.started": ["runs", "run", "overview", "recent"],
  "run.retrying": ["runs", "run", "overview", "recent"],
  "run.cancel_requested": ["run", "overview"],
  "run.finished": ["runs", "run", "overview", "recent", "ledger", "pipeline", "statistics"],
  "pipeline.changed": ["pipelines", "pipeline", "overview", "graph", "recent"],
  "schedule.changed": ["schedules", "pipeline", "upcoming", "overview", "recent"],
  "repository.changed": ["repositories", "sync"],
  "sync.started": ["sync", "repositories"],
  "sync.finished": ["sync", "repositories", "pipelines", "pipeline", "schedules", "overview"],
};

/** Many events within this time make one question to the server. */
const GATHER_MS = 400;

/** Keeps what is shown up to date by the one stream of events. */
export function Live() {
  const queryClient = useQueryClient();
  useEffect(() => {
    const touched = gatherer(queryClient);
    let wasConnected = false;
    const stream = followStream("/api/events", {
      onConnected: (isConnected) => {
        // Nobody looks: the connection was let go of, not lost.
        if (!isConnected && document.hidden) return;
        setConnection(isConnected ? "live" : "lost");
        // Whatever failed while the server was away is asked for again.
        if (isConnected && wasConnected) void queryClient.refetchQueries({ type: "active" });
        wasConnected ||= isConnected;
      },
      onRefused: () => setConnection("refused"),
      onEvents: (events) => {
        for (const event of events) touched(event);
      },
    });
    return stream.stop;
  }, [queryClient]);
  return null;
}

function gatherer(queryClient: QueryClient): (event: EventSourceMessage) => void {
  const names = new Set<string>();
  const runs = new Set<string>();
  let isDue = false;
  const flush = () => {
    isDue = false;
    void queryClient.invalidateQueries({
      predicate: ({ queryKey: [name, id] }) =>
        names.has(String(name)) && (name !== "run" || runs.has(String(id))),
    });
    names.clear();
    runs.clear();
  };
  return (event) => {
    for (const name of TOUCHES[event.event as EventType] ?? []) names.add(name);
    const { run_id: run } = JSON.parse(event.data) as Schemas["Event"];
    if (run) runs.add(run);
    if (isDue) return;
    isDue = true;
    setTimeout(flush, GATHER_MS);
  };
}
