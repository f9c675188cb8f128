import { expect, test } from "vitest";
import { latestOf } from "./recent_query";
import type { RunStatus } from "./status";

const lately = (...statuses: RunStatus[]) => ({
  pipeline_name: "report",
  next_due_at: null,
  runs: statuses.map((status, index) => ({
    id: String(index),
    status,
    created_at: "2026-11-26T00:00:00Z",
    duration_seconds: null,
  })),
});

test.each([
  [["SKIPPED", "SKIPPED", "FAILED", "SUCCESS"], "FAILED"],
  [["RUNNING", "SUCCESS"], "RUNNING"],
  [["SKIPPED"], "SKIPPED"],
  [[], undefined],
] as [RunStatus[], RunStatus | undefined][])("of %o it is %s that counts", (statuses, status) => {
  expect(latestOf(lately(...statuses))?.status).toBe(status);
});
