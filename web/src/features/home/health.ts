import type { Schemas } from "@/api/client";

type Overview = Schemas["OverviewView"];

/** What is wrong first: what keeps runs from starting before what merely failed. */
export type Trouble =
  | { kind: "notReady"; reason: string }
  | { kind: "scheduler" }
  | { kind: "disk"; freeBytes: number }
  | { kind: "sync"; repository: string; code: string | null; reason: string }
  | { kind: "failed"; count: number };

const LEAST_FREE_BYTES = 2 * 1024 ** 3;
const LEAST_FREE_SHARE = 0.05;

export function isDiskShort(disk: Overview["health"]["disk"]): boolean {
  if (disk === null) return false;
  return disk.free_bytes < LEAST_FREE_BYTES || disk.free_bytes < disk.total_bytes * LEAST_FREE_SHARE;
}

/** Return what the line of health says; null: all is well. */
export function firstTrouble({ health, ended_lately: ended }: Overview): Trouble | null {
  const broken = health.checks.find(({ is_needed, is_ready }) => is_needed && !is_ready);
  if (broken) return { kind: "notReady", reason: broken.message };
  if (!health.scheduler.is_alive) return { kind: "scheduler" };
  if (health.disk && isDiskShort(health.disk)) return { kind: "disk", freeBytes: health.disk.free_bytes };
  const sync = health.failed_syncs[0];
  if (sync) return { kind: "sync", repository: sync.repository, code: sync.code, reason: sync.message ?? "" };
  if (ended.failed > 0) return { kind: "failed", count: ended.failed };
  return null;
}

/** How a run that goes on stands against what is expected of it; seconds. */
export type Progress =
  | { kind: "preparing" }
  | { kind: "unknown"; elapsed: number }
  | { kind: "expected"; elapsed: number; estimated: number; left: number }
  | { kind: "late"; elapsed: number; estimated: number; over: number };

export function progressOf(run: Schemas["RunningView"], now: number): Progress {
  if (run.started_at === null) return { kind: "preparing" };
  const elapsed = Math.max(0, (now - Date.parse(run.started_at)) / 1000);
  const estimated = run.estimated_seconds;
  if (estimated === null) return { kind: "unknown", elapsed };
  if (elapsed <= estimated) return { kind: "expected", elapsed, estimated, left: estimated - elapsed };
  return { kind: "late", elapsed, estimated, over: elapsed - estimated };
}

/** Return who holds how many slots, the one with most first. */
export function holdersOf(running: readonly Schemas["RunningView"][]): [string, number][] {
  const held = new Map<string, number>();
  for (const { pipeline_name: name } of running) held.set(name, (held.get(name) ?? 0) + 1);
  return [...held].sort((a, b) => b[1] - a[1]);
}
