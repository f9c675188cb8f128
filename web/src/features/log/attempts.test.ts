import { expect, test } from "vitest";
import { attemptsByLine } from "./attempts";

test("attempts begin where the lines of those before them end", () => {
  const attempts = [
    { number: 1, log_lines: 20 },
    { number: 2, log_lines: 0 },
    { number: 3, log_lines: null },
  ];
  expect([...attemptsByLine(attempts)]).toEqual([
    [0, [1]],
    [20, [2, 3]],
  ]);
});

test("a single attempt needs no line between", () => {
  expect(attemptsByLine([{ number: 1, log_lines: 20 }]).size).toBe(0);
});
