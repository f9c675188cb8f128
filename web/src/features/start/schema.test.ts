import { expect, test } from "vitest";
import { fieldsOf, type Json } from "./schema";

const kinds = (properties: Record<string, Json>) =>
  Object.fromEntries((fieldsOf({ type: "object", properties }) ?? []).map(({ name, kind }) => [name, kind]));

test("each kind of parameter gets the input that fits", () => {
  expect(
    kinds({
      text: { type: "string" },
      whole: { type: "integer" },
      ratio: { type: "number" },
      flag: { type: "boolean" },
      one: { enum: ["a", 2] },
      many: { type: "array", items: { type: "number" } },
      thing: { type: "object" },
    }),
  ).toEqual({
    text: "text",
    whole: "integer",
    ratio: "number",
    flag: "boolean",
    one: "choice",
    many: "list",
    thing: "json",
  });
});

test("what a form can't show becomes JSON, and is not left out", () => {
  expect(
    kinds({
      either: { anyOf: [{ type: "string" }, { type: "null" }] },
      mixed: { type: ["string", "integer"] },
      rows: { type: "array", items: { type: "object" } },
      anything: {},
      yes: true,
    }),
  ).toEqual({ either: "json", mixed: "json", rows: "json", anything: "json", yes: "json" });
});

test.each([
  ["nothing", undefined],
  ["no properties", { type: "object" }],
  ["parts that depend on each other", { properties: { a: {} }, allOf: [{}] }],
])("a schema with %s is written as one JSON text", (_, schema) => {
  expect(fieldsOf(schema as Json | undefined)).toBeNull();
});

test("a reference within the schema is followed, one without end is not", () => {
  const [city, loop] =
    fieldsOf({
      properties: { city: { $ref: "#/$defs/city", title: "City" }, loop: { $ref: "#/$defs/loop" } },
      $defs: { city: { enum: ["Ulm"] }, loop: { $ref: "#/$defs/loop" } },
    }) ?? [];
  expect(city).toMatchObject({ kind: "choice", label: "City", choices: ["Ulm"] });
  expect(loop).toMatchObject({ kind: "json" });
});
