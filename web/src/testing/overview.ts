import type { Schemas } from "@/api/client";

/** A quiet server with pipelines and runs; what a test does not care about is well. */
export function anOverview(own: Partial<Schemas["OverviewView"]> = {}): Schemas["OverviewView"] {
  return {
    at: "2026-11-26T04:00:00Z",
    running: [],
    running_total: 0,
    queued: [],
    queued_total: 0,
    slots: { limit: 10, used: 0 },
    failed_lately: [],
    ended_lately: { succeeded: 12, failed: 0, cancelled: 0, skipped: 0 },
    health: {
      is_ready: true,
      checks: [],
      scheduler: { is_alive: true, ticked_at: "2026-11-26T03:59:59Z" },
      disk: { free_bytes: 80 * 1024 ** 3, total_bytes: 100 * 1024 ** 3 },
      failed_syncs: [],
    },
    has_pipelines: true,
    has_runs: true,
    is_empty: false,
    executor: "docker",
    is_isolating: true,
    version: "0.1.0",
    ...own,
  };
}

/** A run that holds a slot. */
export function aRunning(own: Partial<Schemas["RunningView"]> = {}): Schemas["RunningView"] {
  return {
    run_id: "019ac000-0000-7000-8000-000000000001",
    pipeline_name: "etl",
    status: "RUNNING",
    attempt: 1,
    attempt_status: "RUNNING",
    claimed_at: "2026-11-26T03:59:00Z",
    started_at: "2026-11-26T03:59:00Z",
    attempt_started_at: "2026-11-26T03:59:00Z",
    estimated_seconds: 120,
    sample: { at: "2026-11-26T03:59:58Z", cpu_percent: 40, memory_bytes: 128 * 1024 ** 2 },
    cpu_limit_cores: 1,
    memory_limit_bytes: 512 * 1024 ** 2,
    soft_cpu_limit_cores: null,
    soft_memory_limit_bytes: null,
    warnings: [],
    ...own,
  };
}
