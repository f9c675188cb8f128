import { expect, test } from "vitest";
import { anOverview, aRunning } from "@/testing/overview";
import { firstTrouble, holdersOf, progressOf } from "./health";

const NOW = Date.parse("2026-11-26T04:00:00Z");
const well = anOverview();
const ended = { succeeded: 1, failed: 3, cancelled: 0, skipped: 0 };
const check = { name: "executor", is_ready: false, message: "Docker does not answer.", is_needed: true };
const sync = {
  repository: "main",
  sync_id: "1",
  failed_at: null,
  code: null,
  message: "No access.",
  failures: 2,
};

test("a quiet server is well", () => {
  expect(firstTrouble(well)).toBeNull();
});

test("what keeps runs from starting is said before all else", () => {
  const health = { ...well.health, checks: [check], failed_syncs: [sync] };
  expect(firstTrouble(anOverview({ health, ended_lately: ended }))).toEqual({
    kind: "notReady",
    reason: "Docker does not answer.",
  });
});

test("a part that is not needed is no trouble", () => {
  const health = { ...well.health, checks: [{ ...check, is_needed: false }] };
  expect(firstTrouble(anOverview({ health }))).toBeNull();
});

test.each([
  [{ scheduler: { is_alive: false, ticked_at: null } }, { kind: "scheduler" }],
  [{ disk: { free_bytes: 1024, total_bytes: 1024 ** 4 } }, { kind: "disk", freeBytes: 1024 }],
  [{ failed_syncs: [sync] }, { kind: "sync", repository: "main", code: null, reason: "No access." }],
  [{ disk: null }, { kind: "failed", count: 3 }],
])("of %j the line of health says %j", (part, trouble) => {
  const health = { ...well.health, ...part };
  expect(firstTrouble(anOverview({ health, ended_lately: ended }))).toEqual(trouble);
});

test.each([
  [{ started_at: null }, { kind: "preparing" }],
  [{ estimated_seconds: null }, { kind: "unknown", elapsed: 60 }],
  [{}, { kind: "expected", elapsed: 60, estimated: 120, left: 60 }],
  [{ estimated_seconds: 45 }, { kind: "late", elapsed: 60, estimated: 45, over: 15 }],
])("a run with %j stands at %j", (own, progress) => {
  expect(progressOf(aRunning(own), NOW)).toEqual(progress);
});

test("who holds most slots comes first", () => {
  const running = ["a", "b", "b"].map((pipeline_name) => aRunning({ pipeline_name }));
  expect(holdersOf(running)).toEqual([
    ["b", 2],
    ["a", 1],
  ]);
});
