import { expect, test } from "vitest";
import { extended, pressed, readHash, writeHash } from "./line_hash";

test.each([
  ["L1", { first: 0, last: 0 }],
  ["#L120-L140", { first: 119, last: 139 }],
  ["L140-L120", { first: 119, last: 139 }],
  ["L5-9", { first: 4, last: 8 }],
  ["L0", null],
  ["L1-L0", null],
  ["", null],
  ["content", null],
  ["L12x", null],
  ["L99999999999999999999", null],
])("the hash %s", (hash, range) => {
  expect(readHash(hash)).toEqual(range);
});

test("a range is written as it is read", () => {
  expect(writeHash({ first: 119, last: 139 })).toBe("L120-L140");
  expect(writeHash({ first: 0, last: 0 })).toBe("L1");
});

test("a press selects a line; with Shift, all lines from the selection to it", () => {
  expect(pressed(5, null, false)).toEqual({ first: 5, last: 5 });
  expect(pressed(5, null, true)).toEqual({ first: 5, last: 5 });
  expect(pressed(9, { first: 5, last: 5 }, true)).toEqual({ first: 5, last: 9 });
  expect(pressed(2, { first: 5, last: 9 }, true)).toEqual({ first: 2, last: 9 });
  expect(pressed(7, { first: 5, last: 9 }, true)).toEqual({ first: 5, last: 7 });
  expect(pressed(7, { first: 5, last: 9 }, false)).toEqual({ first: 7, last: 7 });
});

test("keys add lines to the end of a selection, and take them away", () => {
  expect(extended({ first: 5, last: 5 }, 1, 9)).toEqual({ first: 5, last: 6 });
  expect(extended({ first: 5, last: 6 }, -1, 9)).toEqual({ first: 5, last: 5 });
  expect(extended({ first: 5, last: 5 }, -1, 9)).toEqual({ first: 5, last: 5 });
  expect(extended({ first: 5, last: 9 }, 1, 9)).toEqual({ first: 5, last: 9 });
});
