import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask, client, type Schemas } from "@/api/client";
import { askedOf, firstIdAt, type RunFilter } from "./filter";
import { append, type LoadedRuns, merge, newcomers, replace, startOf } from "./loaded_runs";

const PAGE = 100;
/** Whoever scrolls down goes on doing so. */
const OLDER_PAGE = 500;
/** As many as the server takes at once. */
export const MOST_CHANGING = 100;

/** What is new was made within a day before the list was read, or later; no need to search a million runs. */
const NEW_WITHIN_MS = 86_400_000;

interface Part {
  cursor?: string | undefined;
  newerThan?: string;
  limit?: number;
  signal?: AbortSignal;
}

function readPage(
  filter: RunFilter,
  { cursor, newerThan, limit = PAGE, signal }: Part,
): Promise<Schemas["RunPageView"]> {
  const asked = askedOf(filter, Date.now());
  const newest = [asked.newer_than ?? "", newerThan ?? ""].sort().at(-1);
  const query = { ...asked, limit, ...(cursor && { cursor }), ...(newest && { newer_than: newest }) };
  return ask(client.GET("/api/runs", { ...(signal && { signal }), params: { query } }));
}

/**
 * The runs of a filter, as far as they were read. Events do not touch this list: it may hold ten thousand
 * rows, and nothing in it is to jump. New runs are counted beside it until somebody wants to see them.
 */
export function useRuns(filter: RunFilter) {
  const queryClient = useQueryClient();
  const key = ["loaded runs", filter];
  const newestKey = ["runs", "newest", filter];
  const loaded = useQuery({
    queryKey: key,
    queryFn: async ({ signal }): Promise<LoadedRuns> => {
      const before = queryClient.getQueryData<LoadedRuns>(key);
      if (before) return before;
      const first = await readPage(filter, { signal });
      queryClient.setQueryData(newestKey, first);
      return startOf(first, Date.now());
    },
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false, // comparing ten thousand rows takes longer than showing them
  });
  const newest = useQuery({
    queryKey: newestKey,
    queryFn: ({ signal }) =>
      readPage(filter, { newerThan: firstIdAt((loaded.data?.readAt ?? 0) - NEW_WITHIN_MS), signal }),
    enabled: loaded.data !== undefined,
  });
  const older = useMutation({
    mutationFn: (part: Part) => readPage(filter, part),
    onSuccess: (page, { cursor }) =>
      queryClient.setQueryData<LoadedRuns>(key, (before) =>
        before && before.next === cursor ? append(before, page) : before,
      ),
  });
  const showNewest = () => {
    queryClient.setQueryData<LoadedRuns>(
      key,
      (before) => before && newest.data && merge(before, newest.data, Date.now()),
    );
  };
  const next = loaded.data?.next;
  return {
    loaded,
    newcomers: loaded.data && newest.data ? newcomers(loaded.data, newest.data) : [],
    /** Whether all that the newest page holds is new: there may be more. */
    isBeyondPage: Boolean(newest.data?.next_cursor),
    showNewest,
    older,
    readOlder: () => {
      if (next && !older.isPending) older.mutate({ cursor: next, limit: OLDER_PAGE });
    },
  };
}

/** Keeps those runs of a list up to date that are looked at and have not ended. */
export function useChanges(filter: RunFilter, ids: readonly string[]): void {
  const queryClient = useQueryClient();
  const { data } = useQuery({
    queryKey: ["runs", "changing", ids],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/runs", { signal, params: { query: { run_id: [...ids], limit: MOST_CHANGING } } })),
    enabled: ids.length > 0,
    gcTime: 0,
  });
  useEffect(() => {
    if (data === undefined) return;
    queryClient.setQueryData<LoadedRuns>(
      ["loaded runs", filter],
      (before) => before && replace(before, data.runs),
    );
  }, [data, filter, queryClient]);
}
