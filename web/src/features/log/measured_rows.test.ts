import { expect, test } from "vitest";
import { beyond } from "./measured_rows";

test.each([
  ["within", 20, 30, 0],
  ["before", 5, 15, -5],
  ["beyond", 95, 120, 20],
  ["larger than the frame, its start is shown", 50, 400, 40],
])("what is %s", (_, start, end, distance) => {
  expect(beyond(start, end, 10, 100)).toBe(distance);
});
