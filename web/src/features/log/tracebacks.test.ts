import { expect, test } from "vitest";
import { type LogLine, PageCache } from "./page_cache";
import { Folding, findTracebacks } from "./tracebacks";

function log(texts: string[], from = 0): LogLine[] {
  return texts.map((text, index) => ({
    number: from + index,
    text: text.replace(/^! /, ""),
    length: text.length,
    isError: !text.startsWith("! "),
    at: "",
  }));
}

const RAISED = [
  "Traceback (most recent call last):",
  '  File "main.py", line 3, in <module>',
  "    main()",
  "    ~~~~^^",
  "ValueError: not a number",
];

test("a traceback goes from its first line to what was raised", () => {
  expect(findTracebacks(log(["before", ...RAISED, "after"]))).toEqual([{ first: 1, last: 5 }]);
});

test("one that caused another is another", () => {
  const between = ["", "The above exception was the direct cause of the following exception:", ""];
  expect(findTracebacks(log([...RAISED, ...between, ...RAISED]))).toEqual([
    { first: 0, last: 4 },
    { first: 8, last: 12 },
  ]);
});

test("a line of the other stream in between does not end it", () => {
  const mixed = [...RAISED.slice(0, 3), "! progress 50 %", ...RAISED.slice(3)];
  expect(findTracebacks(log(mixed))).toEqual([{ first: 0, last: 5 }]);
});

test("one that is not all there is not folded", () => {
  expect(findTracebacks(log(RAISED.slice(0, 4)))).toEqual([]);
  expect(findTracebacks(log([RAISED[0] ?? "", "no frames"]))).toEqual([]);
});

function folding(): Folding {
  const cache = new PageCache();
  const filler = Array.from({ length: 497 }, (_, n) => `line ${n}`);
  cache.add(log([...filler, ...RAISED, "after"]));
  return new Folding(cache, () => {});
}

test("it is folded into its last line, over the edge of a page as well", () => {
  const folded = folding();
  expect([496, 497, 500, 501, 502].map(folded.isHidden)).toEqual([false, true, true, false, false]);
  expect(folded.endingAt(501)).toEqual({ lines: 5, isOpen: false });
  expect(folded.endingAt(500)).toBeUndefined();
  folded.toggle(501);
  expect(folded.isHidden(499)).toBe(false);
  expect(folded.endingAt(501)).toEqual({ lines: 5, isOpen: true });
});

test("a line that somebody looks for is not hidden, unless it is folded then", () => {
  const folded = folding();
  folded.reveal([499]);
  expect(folded.isHidden(498)).toBe(false);
  folded.toggle(501);
  expect(folded.isHidden(498)).toBe(true);
  folded.reveal([498]);
  expect(folded.isHidden(498)).toBe(false);
});
