import { expect, test } from "vitest";
import { counted, filtered, type PipelineSummary, readPipelineFilter, toggled } from "./filter";

function pipeline(name: string, part: Partial<PipelineSummary> = {}): PipelineSummary {
  return {
    name,
    is_valid: true,
    is_enabled: true,
    is_failing: false,
    description: null,
    tags: [],
    revision: null,
    valid_revision: null,
    problems: [],
    hint: null,
    repository: null,
    commit: null,
    environment_status: "ready",
    environment_reason: null,
    changed_at: "2026-11-26T00:00:00Z",
    upstream: [],
    downstream: [],
    statistics: {
      runs: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      skipped: 0,
      success_percent: null,
      mean_seconds: null,
    },
    ...part,
  };
}

const ALL = [
  pipeline("orders", { description: "Imports orders.", tags: ["sales", "daily"], is_failing: true }),
  pipeline("report", { description: "Sums Orders up.", tags: ["sales"] }),
  pipeline("broken", { is_valid: false, is_enabled: false }),
];
const names = (filter: Parameters<typeof filtered>[1]) => filtered(ALL, filter).map(({ name }) => name);

test("every word has to be somewhere, in whatever case", () => {
  expect(names({ text: "ORDERS" })).toEqual(["orders", "report"]);
  expect(names({ text: "orders daily" })).toEqual(["orders"]);
});

test("tags narrow, kinds widen", () => {
  expect(names({ tag: ["sales", "daily"] })).toEqual(["orders"]);
  expect(names({ only: ["failing", "invalid"] })).toEqual(["orders", "broken"]);
  expect(names({ only: ["disabled"], tag: ["sales"] })).toEqual([]);
});

test("counts say what each filter would leave", () => {
  expect(counted(ALL)).toEqual({
    only: { failing: 1, invalid: 1, disabled: 1 },
    tags: [
      ["sales", 2],
      ["daily", 1],
    ],
  });
});

test("an address that makes no sense filters nothing", () => {
  expect(readPipelineFilter({ only: "bogus", tag: 3, text: "" })).toEqual({});
  expect(readPipelineFilter({ only: "failing", tag: "a" })).toEqual({ only: ["failing"], tag: ["a"] });
});

test("what is switched off last leaves the address", () => {
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  expect(toggled(["a"], "a")).toBeUndefined();
  expect(toggled(undefined, "a")).toEqual(["a"]);
});
