import { expect, test } from "vitest";
import { firstFrom, indexOf, stepFrom } from "./hits";
import { marked } from "./marked";

const HITS = [3, 10, 11, 500];

test("steps go on from a line and begin anew at the ends", () => {
  expect(stepFrom(HITS, 3, 1)).toBe(10);
  expect(stepFrom(HITS, 10, -1)).toBe(3);
  expect(stepFrom(HITS, 500, 1)).toBe(3);
  expect(stepFrom(HITS, 3, -1)).toBe(500);
  expect(stepFrom(HITS, 200, 1)).toBe(500);
  expect(stepFrom(HITS, 200, -1)).toBe(11);
  expect(stepFrom([], 200, 1)).toBeNull();
});

test("a hit is found by its line", () => {
  expect(indexOf(HITS, 11)).toBe(2);
  expect(indexOf(HITS, 12)).toBe(-1);
  expect(indexOf(HITS, null)).toBe(-1);
  expect(firstFrom(HITS, 501)).toBe(4);
});

test("hits are marked, whatever letters' case and wherever colours change", () => {
  const pieces = [
    { text: "an Err", look: {} },
    { text: "OR, error", look: { isBold: true } },
  ];
  expect(marked(pieces, "error").map(({ text, isHit }) => [text, isHit])).toEqual([
    ["an ", false],
    ["Err", true],
    ["OR", true],
    [", ", false],
    ["error", true],
  ]);
});

test("what is searched is text, not a pattern", () => {
  const parts = marked([{ text: "f(x) = [1.*]", look: {} }], "(x) = [1.*");
  expect(parts.find(({ isHit }) => isHit)?.text).toBe("(x) = [1.*");
  expect(marked([{ text: "abc", look: {} }], "")).toEqual([{ text: "abc", look: {}, isHit: false }]);
});
