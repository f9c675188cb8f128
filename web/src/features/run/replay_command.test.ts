import { expect, test } from "vitest";
import { aFailedRun } from "@/testing/run_details";
import { replayCommand } from "./replay_command";

test("the command brings the commit, what was given, and the interpreter", () => {
  const run = aFailedRun({
    commit: "0a1b2c3d",
    spec: {
      given_parameters: { day: "2026-11-25", full: true },
      parameters: { day: "2026-11-25", full: true, size: 10 },
      variables: { NOTE: "it's late" },
      default_variables: { REGION: "eu" },
      python_version: "3.12",
    },
  });
  expect(replayCommand(run)).toBe(
    "git checkout 0a1b2c3d && fastflow run ./report --param day=2026-11-25 --param full=true " +
      `--env 'NOTE=it'\\''s late' --python 3.12`,
  );
});

test.each([
  ["12", `'n="12"'`],
  ["NaN", `'n="NaN"'`],
  [12, "n=12"],
  [{ a: [1] }, `'n={"a":[1]}'`],
  ["$(rm -rf /)", "'n=$(rm -rf /)'"],
])("the parameter %j stays what it is", (value, word) => {
  expect(replayCommand(aFailedRun({ spec: { given_parameters: { n: value } } }))).toBe(
    `fastflow run ./report --param ${word}`,
  );
});
