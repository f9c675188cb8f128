import { expect, test } from "vitest";
import { askedOf, filterOf, firstIdAt, readRunSearch } from "./filter";

test("an address says the whole filter", () => {
  const search = {
    pipeline: "etl",
    status: ["FAILED", "RUNNING"],
    trigger: "schedule",
    period: "7d",
    text: "memory",
    view: "timeline",
  };
  expect(readRunSearch(search)).toEqual(search);
});

test.each([
  [{ status: "FAILED" }, { status: ["FAILED"] }],
  [{ status: ["failed", "SUCCESS", 3] }, { status: ["SUCCESS"] }],
  [{ text: 404 }, { text: "404" }],
  [{ text: "" }, {}],
  [{ period: "1y", trigger: "moon", view: "table", from: "yesterday" }, {}],
  [{ period: "1h", from: "2026-11-26" }, { period: "1h" }],
  [{ pipeline: ["a"] }, {}],
])("%j is read as %j", (search, filter) => {
  expect(readRunSearch(search)).toEqual(filter);
});

test("how runs are looked at narrows nothing", () => {
  expect(filterOf({ view: "timeline", pipeline: "etl" })).toEqual({ pipeline: "etl" });
});

test("a period counts back from now", () => {
  expect(askedOf({ period: "24h" }, Date.parse("2026-11-26T12:00:00Z"))).toEqual({
    created_from: "2026-11-25T12:00:00.000Z",
    newer_than: firstIdAt(Date.parse("2026-11-25T11:00:00Z")),
  });
});

test("a day that another page leads to has both its ends", () => {
  expect(askedOf({ from: "2026-11-25T00:00:00+01:00", before: "2026-11-26T00:00:00+01:00" }, 0)).toEqual({
    created_from: "2026-11-24T23:00:00.000Z",
    newer_than: firstIdAt(Date.parse("2026-11-24T22:00:00Z")),
    cursor: firstIdAt(Date.parse("2026-11-26T00:00:00Z")),
    created_before: "2026-11-25T23:00:00.000Z",
  });
});

test("a moment sorts before the ids that were made at it, and after those before", () => {
  expect(firstIdAt(0x01a21617af3f)).toBe("01a21617-af3f-0000-0000-000000000000");
  expect(firstIdAt(0x01a21617af3f) < "01a21617-af3f-709e-86f7-2222a9d78042").toBe(true);
  expect(firstIdAt(0x01a21617af40) > "01a21617-af3f-709e-86f7-2222a9d78042").toBe(true);
});
