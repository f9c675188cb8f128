import type { Schemas } from "@/api/client";

type Run = Schemas["RunView"];
type RunPage = Schemas["RunPageView"];

/** The runs of a filter that were read so far, newest first, and where it goes on. */
export interface LoadedRuns {
  runs: readonly Run[];
  next: string | null;
  /** When its first page was read, in milliseconds. */
  readAt: number;
}

const LIVE: ReadonlySet<Run["status"]> = new Set(["PENDING", "RUNNING", "RETRYING"]);

export function startOf(page: RunPage, readAt: number): LoadedRuns {
  return { runs: page.runs, next: page.next_cursor, readAt };
}

/** Add the page that follows. */
export function append(loaded: LoadedRuns, page: RunPage): LoadedRuns {
  return { ...loaded, runs: loaded.runs.concat(page.runs), next: page.next_cursor };
}

/** Put runs in the place of what they were; nothing moves. */
export function replace(loaded: LoadedRuns, changed: readonly Run[]): LoadedRuns {
  const byId = new Map(changed.map((run) => [run.id, run]));
  return { ...loaded, runs: loaded.runs.map((run) => byId.get(run.id) ?? run) };
}

/** Return the runs of the newest page that are not in the list yet. Ids sort by time, both lists by ids. */
export function newcomers(loaded: LoadedRuns, newest: RunPage): readonly Run[] {
  const oldest = newest.runs.at(-1);
  if (oldest === undefined) return [];
  const known = new Set<string>();
  for (const run of loaded.runs) {
    if (run.id < oldest.id) break;
    known.add(run.id);
  }
  return newest.runs.filter((run) => !known.has(run.id));
}

/** Take the newest page into the list; where there is a gap between them the list begins anew with it. */
export function merge(loaded: LoadedRuns, newest: RunPage, now: number): LoadedRuns {
  const added = newcomers(loaded, newest);
  if (added.length === newest.runs.length && newest.next_cursor !== null) return startOf(newest, now);
  const runs = [...added, ...replace(loaded, newest.runs).runs];
  return { ...loaded, runs: runs.sort((a, b) => (a.id < b.id ? 1 : -1)), readAt: now };
}

/** Return the ids of those that have not ended: the ones that may change. */
export function liveIds(runs: readonly Run[], most: number): string[] {
  const ids: string[] = [];
  for (const run of runs) {
    if (ids.length === most) break;
    if (LIVE.has(run.status)) ids.push(run.id);
  }
  return ids;
}
