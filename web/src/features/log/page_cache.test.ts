import { expect, test } from "vitest";
import { type LogLine, PageCache } from "./page_cache";

function lines(first: number, last: number, text = "text"): LogLine[] {
  return Array.from({ length: last - first }, (_, index) => ({
    number: first + index,
    text,
    length: text.length,
    isError: false,
    at: "",
  }));
}

test("what is kept is not asked for again", () => {
  const cache = new PageCache();
  expect(cache.missing(400, 620)).toEqual([
    { from: 0, limit: 500 },
    { from: 500, limit: 500 },
  ]);
  cache.add(lines(0, 500));
  expect(cache.missing(400, 620)).toEqual([{ from: 500, limit: 500 }]);
  cache.add(lines(500, 620));
  expect(cache.missing(400, 620)).toEqual([]);
  expect(cache.line(619)?.number).toBe(619);
});

test("of a page that has grown only the rest is asked for", () => {
  const cache = new PageCache();
  cache.add(lines(500, 620));
  expect(cache.missing(600, 700)).toEqual([{ from: 620, limit: 380 }]);
});

test("lines that come twice are kept once, and none after a gap", () => {
  const cache = new PageCache();
  cache.add(lines(0, 10));
  cache.add(lines(5, 15));
  expect(cache.size).toBe(15);
  cache.add(lines(20, 30));
  expect(cache.line(20)).toBeUndefined();
  expect(cache.size).toBe(15);
});

test("a stream that begins within a page goes on with the page that was loaded", () => {
  const cache = new PageCache();
  cache.add(lines(1_010, 1_020));
  expect(cache.size).toBe(0);
  cache.add(lines(1_000, 1_010));
  cache.add(lines(1_010, 2_000));
  expect(cache.missing(1_000, 2_000)).toEqual([]);
});

test("however much streams in, what is kept is bounded", () => {
  const cache = new PageCache(2_000);
  for (let at = 0; at < 100_000; at += 250) cache.add(lines(at, at + 250));
  expect(cache.size).toBeLessThanOrEqual(2_000);
  expect(cache.line(99_999)).toBeDefined();
  expect(cache.line(0)).toBeUndefined();
});

test("pages that were looked at last stay", () => {
  const cache = new PageCache(1_000);
  cache.add(lines(0, 500));
  cache.add(lines(500, 1_000));
  cache.touch(10, 20);
  cache.add(lines(1_000, 1_500));
  expect(cache.line(0)).toBeDefined();
  expect(cache.line(500)).toBeUndefined();
});

test("few long lines count for many short ones", () => {
  const cache = new PageCache(10_000, 1_000_000);
  for (let at = 0; at < 3_000; at += 500) cache.add(lines(at, at + 500, "x".repeat(1_000)));
  expect(cache.size).toBe(1_000);
});
