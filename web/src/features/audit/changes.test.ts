import { expect, test } from "vitest";
import { changesOf, fieldWords, isMoment, plainText } from "./changes";

test("what was before and what came after stand side by side", () => {
  expect(changesOf({ role: "viewer", name: "vera" }, { role: "admin", name: "vera" })).toEqual([
    { field: "role", before: "viewer", after: "admin" },
    { field: "name", before: "vera", after: "vera" },
  ]);
});

test("what was made had nothing before, what was deleted has nothing after", () => {
  expect(changesOf(null, { url: "https://git" })).toEqual([
    { field: "url", before: undefined, after: "https://git" },
  ]);
  expect(changesOf({ url: "https://git" }, null)).toEqual([
    { field: "url", before: "https://git", after: undefined },
  ]);
  expect(changesOf(null, null)).toEqual([]);
});

test("a field is written as words", () => {
  expect(fieldWords("sync_interval_seconds")).toBe("sync interval seconds");
});

test.each([
  [null, ""],
  [["hello", "chatty"], "hello, chatty"],
  [{ a: 1 }, '{"a":1}'],
  [3, "3"],
])("%j is written as %s", (value, text) => {
  expect(plainText(value)).toBe(text);
});

test("a moment is told from what only begins like one", () => {
  expect(isMoment("2026-12-16T04:29:37.633368+00:00")).toBe(true);
  expect(isMoment("2026-12-16")).toBe(false);
  expect(isMoment("2026-12-16T04:29:37Z and more")).toBe(false);
});
