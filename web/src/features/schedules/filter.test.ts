import { expect, test } from "vitest";
import { aSchedule } from "@/testing/schedules";
import { found } from "./filter";
import { readScheduleSearch } from "./search";

const last = {
  schedule_id: "b",
  due_at: "2026-11-26T06:30:00Z",
  status: "run",
  code: null,
  reason: null,
  run_id: "1",
  run_status: "FAILED",
  count: 1,
  first_due_at: null,
  decided_at: "2026-11-26T06:30:00Z",
} as const;
const SCHEDULES = [
  aSchedule({ pipeline_name: "mail", paused_at: "2026-11-26T00:00:00Z" }),
  aSchedule({ pipeline_name: "report", key: "nightly", last_occurrence: last }),
  aSchedule({ pipeline_name: "gone", is_present: false }),
];

test.each([
  [{}, ["mail", "report"]],
  [{ only: "paused" }, ["mail"]],
  [{ only: "failing" }, ["report"]],
  [{ text: "NIGHT" }, ["report"]],
  [{ text: "night", only: "paused" }, []],
])("of %j is found %j", (search, names) => {
  expect(found(SCHEDULES, readScheduleSearch(search)).map((each) => each.pipeline_name)).toEqual(names);
});

test("an address with nonsense narrows nothing", () => {
  expect(readScheduleSearch({ only: "odd", text: "" })).toEqual({});
  expect(readScheduleSearch({ text: 7 })).toEqual({ text: "7" });
});
