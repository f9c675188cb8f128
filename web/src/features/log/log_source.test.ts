import { afterEach, expect, test, vi } from "vitest";
import { api, server } from "@/testing/server";
import { LogSource } from "./log_source";

interface Log {
  lines: number;
  isComplete: boolean;
  asked: [number, number][];
  streamedFrom: number[];
}

let stop: (() => void) | undefined;
afterEach(() => stop?.());

const wire = (number: number) => ({
  number,
  line: `line ${number}`,
  stream: "stdout",
  at: "2026-01-01T00:00:00Z",
});

/** Serve a log that may grow. */
function serve(lines: number, isComplete: boolean): Log {
  const log: Log = { lines, isComplete, asked: [], streamedFrom: [] };
  server.use(
    api.get("/api/runs/{run_id}/logs", ({ query, response }) => {
      const from = Number(query.get("from_line"));
      const limit = Number(query.get("limit"));
      const numbers = Array.from(
        { length: Math.max(Math.min(limit, log.lines - from), 0) },
        (_, n) => from + n,
      );
      if (limit > 1) log.asked.push([from, limit]);
      return response.untyped(
        new Response(numbers.map((number) => `${JSON.stringify(wire(number))}\n`).join(""), {
          headers: { "X-Lines": String(log.lines), "X-Complete": String(log.isComplete) },
        }),
      );
    }),
    api.get("/api/runs/{run_id}/logs/stream", ({ query, response }) => {
      const from = Number(query.get("from_line"));
      log.streamedFrom.push(from);
      const events = [from, from + 1].map(
        (number) => `id: ${number}\ndata: ${JSON.stringify(wire(number))}\n\n`,
      );
      return response.untyped(
        new Response(`${events.join("")}event: end\ndata: {}\n\n`, {
          headers: { "Content-Type": "text/event-stream" },
        }),
      );
    }),
  );
  return log;
}

function started(): LogSource {
  const source = new LogSource("run");
  stop = source.start();
  return source;
}

test("of a long log only the pages that are looked at are loaded", async () => {
  const log = serve(1_000_000, true);
  const source = started();
  await vi.waitFor(() => expect(source.total).toBe(1_000_000));
  source.want(999_960, 1_000_000);
  await vi.waitFor(() => expect(source.cache.line(999_999)?.text).toBe("line 999999"));
  expect(log.asked).toEqual([[999_500, 500]]);
  expect(source.isComplete).toBe(true);
});

test("a log that is followed goes on from its present end, and is complete when the run ends", async () => {
  const log = serve(10, false);
  const source = new LogSource("run");
  source.follow(true);
  stop = source.start();
  source.subscribe(() => source.want(0, source.total ?? 0));
  await vi.waitFor(() => expect(source.isComplete).toBe(true));
  expect(log.streamedFrom).toEqual([10]);
  expect(source.total).toBe(12);
});

test("one that nobody follows is counted only", async () => {
  const log = serve(10, false);
  const source = started();
  await vi.waitFor(() => expect(source.total).toBe(10));
  log.lines = 5_000;
  log.isComplete = true;
  await vi.waitFor(() => expect(source.total).toBe(5_000), { timeout: 5_000 });
  expect(log.streamedFrom).toEqual([]);
  expect(log.asked).toEqual([]);
});

test("what could not be read is told, and asked for again", async () => {
  server.use(
    api.get("/api/runs/{run_id}/logs", ({ response }) => response.untyped(new Response("", { status: 503 }))),
  );
  const source = started();
  await vi.waitFor(() => expect(source.trouble).not.toBeNull());
  serve(3, true);
  source.retry();
  await vi.waitFor(() => expect(source.total).toBe(3));
  expect(source.trouble).toBeNull();
});

test("a page that can't be read is not asked for again at once", async () => {
  let asked = 0;
  server.use(
    api.get("/api/runs/{run_id}/logs", ({ query, response }) => {
      if (query.get("limit") === "1") {
        return response.untyped(new Response("", { headers: { "X-Lines": "100", "X-Complete": "true" } }));
      }
      asked += 1;
      return response.untyped(new Response("", { status: 503 }));
    }),
  );
  const source = started();
  let changes = 0;
  source.subscribe(() => {
    changes += 1;
    source.want(0, 100);
  });
  await vi.waitFor(() => expect(source.trouble).not.toBeNull());
  expect(changes).toBeGreaterThan(0);
  expect(asked).toBe(1);
});
