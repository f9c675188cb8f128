import { expect, test, vi } from "vitest";
import { api, server } from "@/testing/server";
import { LogSearch } from "./log_search";

/** A log of 300 lines with these hits, of which one answer looks through a hundred lines. */
function logWith(hits: number[]): void {
  server.use(
    api.get("/api/runs/{run_id}/logs/search", ({ query, response }) => {
      const from = Number(query.get("from_line"));
      return response(200).json({
        hits: hits.filter((line) => line >= from && line < from + 100),
        next_line: from + 100,
        total_lines: 300,
        is_complete: from >= 200,
      });
    }),
  );
}

async function searched(from: number, hits: number[]): Promise<LogSearch> {
  logWith(hits);
  const search = new LogSearch("run");
  search.start("text", from);
  await vi.waitFor(() => expect(search.searched).toBe(300));
  return search;
}

test("the first hit that is shown is the first one from where one reads", async () => {
  const search = await searched(150, [10, 120, 180, 290]);
  expect(search.hits).toEqual([10, 120, 180, 290]);
  expect(search.current).toBe(180);
  expect(search.number).toBe(3);
  search.step(1);
  expect(search.current).toBe(290);
  search.step(1);
  expect(search.current).toBe(10);
  search.step(-1);
  expect(search.current).toBe(290);
});

test("where none follows, it is the very first", async () => {
  const search = await searched(295, [10, 120]);
  expect(search.current).toBe(10);
});

test("a search without a hit ends", async () => {
  const search = await searched(0, []);
  expect(search.current).toBeNull();
  expect(search.isSearching).toBe(false);
  search.step(1);
  expect(search.current).toBeNull();
});

test("an empty text asks nobody", () => {
  const search = new LogSearch("run");
  search.start("", 0);
  expect(search.isSearching).toBe(false);
});

test("what is wrong is told", async () => {
  server.use(
    api.get("/api/runs/{run_id}/logs/search", ({ response }) =>
      response(404).json({
        type: "about:blank",
        title: "Not found",
        status: 404,
        code: "run_not_found",
        detail: "There is no run.",
        fields: {},
      }),
    ),
  );
  const search = new LogSearch("run");
  search.start("text", 0);
  await vi.waitFor(() => expect(search.trouble?.message).toBe("There is no run."));
  search.stop();
});
