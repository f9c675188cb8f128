import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { matching, valueText } from "./matching";

function setting(name: string, change: Partial<Schemas["SettingView"]> = {}): Schemas["SettingView"] {
  return {
    name,
    value: null,
    default: null,
    is_default: true,
    description: "",
    environment_variables: [`FASTFLOW_${name.toUpperCase()}`],
    ...change,
  };
}

const ALL = [
  setting("port", { value: 8000, description: "Where the server listens." }),
  setting("git_branch", { value: "main", is_default: false }),
  setting("git_token", { value: "•••", is_default: false, description: "Opens the repository." }),
];
const names = (found: Schemas["SettingView"][]) => found.map(({ name }) => name);

test("every word has to be somewhere in a setting", () => {
  expect(names(matching(ALL, { text: "git main" }))).toEqual(["git_branch"]);
  expect(names(matching(ALL, { text: "FASTFLOW_GIT" }))).toEqual(["git_branch", "git_token"]);
  expect(names(matching(ALL, { text: "8000 listens" }))).toEqual(["port"]);
});

test("without a text all are found, or only those that were changed", () => {
  expect(matching(ALL, {})).toHaveLength(3);
  expect(names(matching(ALL, { changed: true }))).toEqual(["git_branch", "git_token"]);
});

test.each([
  [null, ""],
  [true, "true"],
  [["a", "b"], "a, b"],
  [{ a: 1 }, '{"a":1}'],
])("%j is written as %s", (value, text) => {
  expect(valueText(value)).toBe(text);
});
