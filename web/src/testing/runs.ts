import type { Schemas } from "@/api/client";

/** A run as lists show it; what a test does not care about is usual. */
export function aRun(own: Partial<Schemas["RunView"]> = {}): Schemas["RunView"] {
  return {
    id: "019ac000-0000-7000-8000-000000000001",
    pipeline_name: "etl",
    status: "SUCCESS",
    trigger: "schedule",
    cause: null,
    revision: null,
    repository: null,
    commit: null,
    route: null,
    created_at: "2026-11-26T03:00:00Z",
    started_at: "2026-11-26T03:00:01Z",
    finished_at: "2026-11-26T03:00:05Z",
    outcome: "exited",
    blame: null,
    exit_code: 0,
    reason: null,
    attempt_count: 1,
    retry_of: null,
    peak_memory_bytes: null,
    cpu_seconds: null,
    warnings: [],
    ...own,
  };
}
