import { expect, test } from "vitest";
import { aRun } from "@/testing/runs";
import {
  durationRange,
  durationShare,
  durationTicks,
  marksOf,
  nearest,
  summaryOf,
  timeTicks,
} from "./timeline_scale";

const NOW = Date.parse("2026-11-26T04:00:00Z");
const HOUR = 3_600_000;
const run = (seconds: number, own = {}) =>
  aRun({
    started_at: new Date(NOW - HOUR).toISOString(),
    finished_at: new Date(NOW - HOUR + seconds * 1000).toISOString(),
    ...own,
  });

test("a run that has not begun has no mark, one that goes on is as long as it is by now", () => {
  const marks = marksOf([run(5, { finished_at: null }), run(0, { started_at: null })], NOW);
  expect(marks.map(({ seconds }) => seconds)).toEqual([3600]);
});

test("marks stand in the order of their beginning", () => {
  const late = run(1, { id: "late", started_at: "2026-11-26T03:30:00Z" });
  const early = run(1, { id: "early", started_at: "2026-11-26T03:10:00Z" });
  expect(marksOf([late, early], NOW).map(({ run }) => run.id)).toEqual(["early", "late"]);
});

test.each([
  [[0.02], [0.1, 1]],
  [[4], [1, 10]],
  [
    [0.4, 95],
    [0.1, 600],
  ],
  [
    [10, 10],
    [10, 60],
  ],
  [
    [90_000, 20_000_000],
    [86_400, 20_000_000],
  ],
])("durations %j are drawn from and to %j", (seconds, range) => {
  expect(
    durationRange(
      marksOf(
        seconds.map((each) => run(each)),
        NOW,
      ),
    ),
  ).toEqual(range);
});

test("ten times as long is as much higher everywhere", () => {
  const range: [number, number] = [0.1, 1000];
  expect(durationShare(0.1, range)).toBe(0);
  expect(durationShare(1, range)).toBeCloseTo(0.25);
  expect(durationShare(10, range)).toBeCloseTo(0.5);
  expect(durationShare(1000, range)).toBe(1);
  expect(durationShare(0.001, range)).toBe(0);
  expect(durationTicks(range)).toEqual([0.1, 1, 10, 60, 600]);
});

test("moments are round by the clock that is shown", () => {
  const from = Date.parse("2026-11-25T22:20:00Z");
  const inBerlin = timeTicks(from, from + 24 * HOUR, 5, () => HOUR);
  expect(inBerlin.step).toBe(6 * HOUR);
  expect(new Date(inBerlin.ticks[0] ?? 0).toISOString()).toBe("2026-11-25T23:00:00.000Z");
  expect(timeTicks(from, from + 24 * HOUR, 5, () => 0).ticks).toHaveLength(4);
});

test("a change of the clocks moves the moments along", () => {
  const change = Date.parse("2026-10-25T01:00:00Z");
  const berlin = (at: number) => (at < change ? 2 * HOUR : HOUR);
  const { ticks } = timeTicks(change - 30 * HOUR, change + 30 * HOUR, 4, berlin);
  expect(ticks.map((at) => new Date(at).toISOString())).toEqual([
    "2026-10-23T22:00:00.000Z",
    "2026-10-24T22:00:00.000Z",
    "2026-10-25T23:00:00.000Z",
  ]);
});

test("what is pointed at is the nearest mark within reach", () => {
  const points = [
    [10, 10],
    [20, 10],
  ] as const;
  expect(nearest(points, 16, 10, 12)).toBe(1);
  expect(nearest(points, 14, 10, 12)).toBe(0);
  expect(nearest(points, 60, 10, 12)).toBe(-1);
});

test("a summary counts by result and knows the middle and the longest", () => {
  const marks = marksOf([run(1), run(9, { status: "FAILED", pipeline_name: "slow" }), run(3)], NOW);
  const summary = summaryOf(marks);
  expect(summary?.counts).toEqual([
    ["SUCCESS", 2],
    ["FAILED", 1],
  ]);
  expect(summary?.medianSeconds).toBe(3);
  expect(summary?.longest.run.pipeline_name).toBe("slow");
  expect(summaryOf([])).toBeNull();
});
