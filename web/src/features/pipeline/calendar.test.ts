import { expect, test } from "vitest";
import { calendarOf, type Day, lookOf, monthsOf } from "./calendar";

const day = (part: Partial<Day>): Day => ({
  day: "2026-11-26",
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  skipped: 0,
  seconds: 0,
  ...part,
});

test("the calendar begins on a Monday a year ago and ends today", () => {
  const cells = calendarOf([], new Date("2026-11-26T23:59:00Z")); // a Thursday
  expect(cells[0]).toMatchObject({ day: "2025-11-24", week: 0, weekday: 0 });
  expect(cells.at(-1)).toMatchObject({ day: "2026-11-26", week: 52, weekday: 3 });
  expect(new Set(cells.map(({ day }) => day)).size).toBe(cells.length);
});

test("a Sunday fills the last week, and 371 days are enough", () => {
  const cells = calendarOf([], new Date("2026-11-29T00:00:00Z"));
  expect(cells).toHaveLength(371);
  expect(cells.at(-1)).toMatchObject({ weekday: 6, week: 52 });
});

test("days find their place", () => {
  const cells = calendarOf([day({ day: "2026-11-25", failed: 1 })], new Date("2026-11-26T12:00:00Z"));
  expect(cells.filter(({ runs }) => runs !== null).map(({ day }) => day)).toEqual(["2026-11-25"]);
});

test.each([
  [null, "none"],
  [day({ succeeded: 2 }), "good"],
  [day({ succeeded: 2, failed: 1 }), "mixed"],
  [day({ failed: 1, cancelled: 1 }), "bad"],
  [day({ skipped: 3 }), "other"],
])("%o looks %s", (runs, look) => {
  expect(lookOf(runs)).toBe(look);
});

test("months are named where they begin, none over another", () => {
  const months = monthsOf(calendarOf([], new Date("2026-11-26T12:00:00Z")));
  expect(months.map(({ day }) => day.slice(0, 7))).toEqual([
    "2025-12",
    ...Array.from({ length: 10 }, (_, month) => `2026-${String(month + 1).padStart(2, "0")}`),
    "2026-11",
  ]);
});
