import type { Schemas } from "@/api/client";

/** A run for tests: it failed with an exit code after four seconds. */
export function aFailedRun(differs: Partial<Schemas["RunDetail"]> = {}): Schemas["RunDetail"] {
  return {
    id: "01a21611-70b6-7568-ac5c-2a034cd20e35",
    pipeline_name: "report",
    status: "FAILED",
    trigger: "api",
    cause: null,
    why: "Started over the API.",
    revision: "content-1",
    repository: null,
    commit: null,
    route: null,
    created_at: "2026-11-26T03:00:00Z",
    started_at: "2026-11-26T03:00:01Z",
    finished_at: "2026-11-26T03:00:05Z",
    outcome: "exited",
    blame: "pipeline",
    exit_code: 1,
    reason: "Failed with exit code 1; the end of the log says why.",
    attempt_count: 1,
    retry_of: null,
    peak_memory_bytes: null,
    cpu_seconds: null,
    warnings: [],
    upstream_run_id: null,
    downstream: [],
    spec: { memory_bytes: 134_217_728, retry_attempts: 0 },
    cancel_requested_at: null,
    setup_seconds: 1,
    estimated_seconds: null,
    attempts: [anAttempt()],
    actions: {
      cancel: { is_allowed: false, reason: "The run has ended." },
      retry: { is_allowed: true, reason: null },
    },
    ...differs,
  };
}

export function anAttempt(differs: Partial<Schemas["AttemptView"]> = {}): Schemas["AttemptView"] {
  return {
    number: 1,
    status: "ENDED",
    available_at: "2026-11-26T03:00:00Z",
    claimed_at: "2026-11-26T03:00:00Z",
    started_at: "2026-11-26T03:00:01Z",
    finished_at: "2026-11-26T03:00:05Z",
    outcome: "exited",
    blame: "pipeline",
    exit_code: 1,
    reason: "Failed with exit code 1; the end of the log says why.",
    peak_memory_bytes: null,
    cpu_seconds: null,
    environment_key: null,
    lockfile_key: null,
    log_lines: 2,
    waited_seconds: 0,
    setup_seconds: 1,
    lock_seconds: 0,
    build_seconds: 0,
    start_seconds: 1,
    start_kind: "cold",
    oci_runtime: null,
    ...differs,
  };
}

/** A run that goes on, and has since four seconds. */
export function aRunningRun(differs: Partial<Schemas["RunDetail"]> = {}): Schemas["RunDetail"] {
  const going = { finished_at: null, outcome: null, blame: null, exit_code: null, reason: null } as const;
  return aFailedRun({
    ...going,
    status: "RUNNING",
    attempts: [anAttempt({ ...going, status: "RUNNING" })],
    actions: {
      cancel: { is_allowed: true, reason: null },
      retry: { is_allowed: false, reason: "The run has not ended." },
    },
    ...differs,
  });
}
