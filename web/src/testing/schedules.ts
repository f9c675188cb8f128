import type { Schemas } from "@/api/client";

/** A schedule that is on; what a test does not care about is usual. */
export function aSchedule(own: Partial<Schemas["ScheduleView"]> = {}): Schemas["ScheduleView"] {
  return {
    id: "019ac000-0000-7000-8000-00000000000a",
    pipeline_name: "etl",
    key: "default",
    origin: "api",
    rule: "30 6 * * 1-5 (UTC)",
    definition: { id: "default", schedule_cron: "30 6 * * 1-5" },
    zone: "UTC",
    catch_up: "last",
    catch_up_limit: null,
    is_enabled: true,
    is_present: true,
    next_due_at: "2026-11-27T06:30:00Z",
    is_active: true,
    inactive_code: null,
    inactive_reason: null,
    paused_at: null,
    paused_by: null,
    pause_reason: null,
    waiting: 0,
    last_occurrence: null,
    anchor_at: "2026-11-01T00:00:00Z",
    created_at: "2026-11-01T00:00:00Z",
    changed_at: "2026-11-01T00:00:00Z",
    ...own,
  };
}
