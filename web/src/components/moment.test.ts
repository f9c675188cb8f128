import { expect, test } from "vitest";
import { bytesText, durationText, momentText, roughDuration } from "./moment";

test.each([
  [0.0004, "0 ms"],
  [0.84, "840 ms"],
  [0.9999, "1.0 s"],
  [4.23, "4.2 s"],
  [9.97, "10 s"],
  [59.4, "59 s"],
  [59.7, "1 min"],
  [252, "4 min 12 s"],
  [3600, "1 h"],
  [11_100, "3 h 5 min"],
  [187_200, "2 d 4 h"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds, "en")).toBe(text);
});

test("a duration has a comma in German", () => {
  expect(durationText(4.23, "de")).toBe("4,2 s");
});

test.each([
  [-40.2, "40 s"],
  [239, "3 min"],
  [-7300, "2 h"],
  [200_000, "2 d"],
])("%d seconds away is %s", (seconds, text) => {
  expect(roughDuration(seconds)).toBe(text);
});

test("a moment names its zone", () => {
  const preferences = { theme: "system", zone: "utc", language: "en" } as const;
  expect(momentText(new Date("2026-11-26T03:04:05Z"), preferences)).toBe("26 Nov 2026, 03:04:05 UTC");
});

test.each([
  [512, "512 B"],
  [1536, "1.5 KiB"],
  [536_870_912, "512 MiB"],
  [1_503_238_553, "1.4 GiB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes, "en")).toBe(text);
});
