import { expect, test } from "vitest";
import { questionOf, readAuditFilter } from "./filter";

test("what can't be right in an address is left out", () => {
  expect(
    readAuditFilter({ actor: "anna", action: "no.such", from: "2026-13-99", to: "tomorrow", x: 1 }),
  ).toEqual({
    actor: "anna",
  });
});

test("a kind stands for all of its actions", () => {
  expect(questionOf({ action: "token" }, "utc")).toEqual({ action: ["token.created", "token.revoked"] });
  expect(questionOf({ action: "token.created" }, "utc")).toEqual({ action: ["token.created"] });
});

test("the last day is within", () => {
  expect(questionOf({ from: "2026-11-30", to: "2026-11-30" }, "utc")).toEqual({
    at_from: "2026-11-30T00:00:00.000Z",
    at_before: "2026-12-01T00:00:00.000Z",
  });
});

test("a day in a local zone begins there", () => {
  const { at_from } = questionOf({ from: "2026-07-01" }, "local");
  expect(new Date(at_from ?? "").getHours()).toBe(0);
});

test("a name that looks like a number stays a name", () => {
  expect(readAuditFilter({ target: 7 })).toEqual({ target: "7" });
});
