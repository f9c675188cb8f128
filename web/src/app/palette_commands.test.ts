import { expect, test } from "vitest";
import { fitting } from "./palette_commands";

const commands = ["Runs", "Pipelines", "Theme: Dark", "darkroom"].map((label) => ({
  id: label,
  label,
  run: () => {},
}));
const found = (wanted: string) => fitting(commands, wanted).map(({ label }) => label);

test("every word has to be in it, in any order", () => {
  expect(found("dark theme")).toEqual(["Theme: Dark"]);
});

test("what begins with it comes first", () => {
  expect(found("dark")).toEqual(["darkroom", "Theme: Dark"]);
});

test("nothing typed is everything, in its own order", () => {
  expect(found("")).toEqual(["Runs", "Pipelines", "Theme: Dark", "darkroom"]);
});
