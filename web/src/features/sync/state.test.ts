import { expect, test } from "vitest";
import type { RepositoryStatus, Sync } from "./queries";
import { isSsh, stateOf } from "./state";

const COMMIT = { id: "1a2b3c", author: "Ada", subject: "Add a report", committed_at: "2026-11-26T04:00:00Z" };

function sync(status: Sync["status"]): Sync {
  return {
    id: "1",
    repository: "acme",
    status,
    trigger: "api",
    started_at: "2026-11-26T04:00:00Z",
    finished_at: null,
    changes: null,
    code: null,
    message: null,
    commit_before: null,
    commit_after: null,
  };
}

function status(change: Partial<RepositoryStatus>): RepositoryStatus {
  return {
    repository: "acme",
    url: "https://git.example.com/acme.git",
    branch: null,
    checked_at: null,
    commit: null,
    environments: {},
    failures: 0,
    invalid_pipelines: 0,
    is_enabled: true,
    is_waiting: false,
    last_success: null,
    last_sync: null,
    next_due_at: null,
    phase: null,
    pipelines: 0,
    ...change,
  };
}

test.each<[string, Partial<RepositoryStatus>, string]>([
  ["what goes on comes before what failed", { phase: "fetching", last_sync: sync("FAILED") }, "fetching"],
  ["a sync that waits is told", { is_waiting: true }, "queued"],
  ["one that is off says so, whatever it was", { is_enabled: false, last_sync: sync("FAILED") }, "off"],
  [
    "the newest failure counts, though an older sync brought a commit",
    { commit: COMMIT, last_sync: sync("FAILED") },
    "failed",
  ],
  [
    "one that the server's end cut off is no failure",
    { commit: COMMIT, last_sync: sync("INTERRUPTED") },
    "interrupted",
  ],
  ["without a commit nothing was synced yet", {}, "never"],
  ["with one it is in step", { commit: COMMIT, last_sync: sync("SUCCESS") }, "inStep"],
])("%s", (_, change, state) => {
  expect(stateOf(status(change))).toBe(state);
});

test.each([
  ["ssh://git@github.com/acme/pipelines.git", true],
  ["git@github.com:acme/pipelines.git", true],
  ["https://github.com/acme/pipelines.git", false],
  ["http://127.0.0.1:8000/acme.git", false],
])("%s by SSH: %s", (url, answer) => {
  expect(isSsh(url)).toBe(answer);
});
