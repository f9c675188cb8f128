import { expect, test } from "vitest";
import { dayOf, MOST_EACH } from "./day";

const NOW = Date.parse("2026-11-26T04:20:00Z");
const MINUTE = 60_000;

const due = (id: string, minutes: number) => ({
  schedule_id: id,
  pipeline_name: id,
  key: "default",
  due_at: new Date(NOW + minutes * MINUTE).toISOString(),
  local: "",
  zone: "UTC",
});

test("what is due stands in the hour of the clock, the next hour first", () => {
  const { hours } = dayOf([due("a", 50), due("b", 15), due("c", 35)], NOW, 0);
  expect(
    hours.map(({ at, due }) => [new Date(at).toISOString(), due.map(({ key, ...it }) => it.schedule_id)]),
  ).toEqual([
    ["2026-11-26T04:00:00.000Z", ["b", "c"]],
    ["2026-11-26T05:00:00.000Z", ["a"]],
  ]);
});

test("hours are those of a zone whose clocks stand at the half hour too", () => {
  const { hours } = dayOf([due("a", 15)], NOW, 330 * MINUTE);
  expect(new Date(hours[0]?.at ?? 0).toISOString()).toBe("2026-11-26T04:30:00.000Z");
});

test("what is due later than within a day is left out", () => {
  expect(dayOf([due("a", 24 * 60 + 1)], NOW, 0)).toEqual({ hours: [], frequent: [] });
});

test("a schedule that is always due takes one line and no hour", () => {
  const often = Array.from({ length: MOST_EACH }, (_, index) => due("often", index + 1));
  const { hours, frequent } = dayOf([...often, due("rare", 3)], NOW, 0);
  expect(frequent.map(({ due_at }) => due_at)).toEqual([often[0]?.due_at]);
  expect(hours.flatMap(({ due }) => due.map(({ schedule_id }) => schedule_id))).toEqual(["rare"]);
});
