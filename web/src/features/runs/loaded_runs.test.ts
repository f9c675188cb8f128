import { expect, test } from "vitest";
import { aRun } from "@/testing/runs";
import { append, liveIds, merge, newcomers, replace, startOf as startAt } from "./loaded_runs";

const startOf = (page: Parameters<typeof startAt>[0]) => startAt(page, 0);

const run = (id: string, status: "SUCCESS" | "RUNNING" | "PENDING" = "SUCCESS") => aRun({ id, status });
const page = (...ids: string[]) => ({ runs: ids.map((id) => run(id)), next_cursor: ids.at(-1) ?? null });
const ids = (runs: readonly { id: string }[]) => runs.map(({ id }) => id);

test("pages follow each other until there is none", () => {
  const loaded = append(startOf(page("9", "8")), { runs: [run("7")], next_cursor: null });
  expect(ids(loaded.runs)).toEqual(["9", "8", "7"]);
  expect(loaded.next).toBeNull();
});

test("only runs that the list does not have are new", () => {
  expect(ids(newcomers(startOf(page("7", "6", "5")), page("9", "8", "7", "6")))).toEqual(["9", "8"]);
  expect(newcomers(startOf(page("7", "6")), page("7", "6"))).toEqual([]);
  expect(newcomers(startOf(page()), page())).toEqual([]);
});

test("an older run that the filter takes in only now is new as well", () => {
  expect(ids(newcomers(startOf(page("9", "5")), page("9", "7", "5")))).toEqual(["7"]);
});

test("a run that changes keeps its place", () => {
  const loaded = startOf({ runs: [run("2", "RUNNING"), run("1")], next_cursor: "1" });
  const after = replace(loaded, [run("2", "SUCCESS"), run("3")]);
  expect(after.runs.map(({ id, status }) => [id, status])).toEqual([
    ["2", "SUCCESS"],
    ["1", "SUCCESS"],
  ]);
});

test("new runs are put in where they belong, and what was read stays", () => {
  const loaded = startOf(page("7", "5", "3"));
  expect(ids(merge(loaded, { runs: page("9", "6", "5").runs, next_cursor: null }, 1).runs)).toEqual([
    "9",
    "7",
    "6",
    "5",
    "3",
  ]);
  expect(merge(loaded, { runs: [], next_cursor: null }, 1).next).toBe("3");
});

test("after more new runs than a page holds the list begins anew", () => {
  const after = merge(startOf(page("3", "2")), page("9", "8", "7"), 1);
  expect(ids(after.runs)).toEqual(["9", "8", "7"]);
  expect(after.next).toBe("7");
});

test("what has ended is not asked for again, and never more than is allowed at once", () => {
  const runs = [run("4", "PENDING"), run("3"), run("2", "RUNNING"), run("1", "RUNNING")];
  expect(liveIds(runs, 100)).toEqual(["4", "2", "1"]);
  expect(liveIds(runs, 2)).toEqual(["4", "2"]);
});
