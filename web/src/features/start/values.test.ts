import { expect, test } from "vitest";
import { fieldsOf, type Json } from "./schema";
import { draftsOf, objectOf, valuesOf } from "./values";

const SCHEMA: Json = {
  required: ["name", "times"],
  properties: {
    name: { type: "string", minLength: 2, maxLength: 5 },
    times: { type: "integer", default: 3, minimum: 1, maximum: 10 },
    ratio: { type: "number" },
    loud: { type: "boolean", default: true },
    maybe: { type: "boolean" },
    tone: { enum: ["kind", 7, null] },
    days: { type: "array", items: { type: "integer" } },
    more: { type: "object" },
  },
};
const FIELDS = fieldsOf(SCHEMA) ?? [];
const read = (drafts: Record<string, string>) => valuesOf(FIELDS, { ...draftsOf(FIELDS), ...drafts });

test("defaults stand in the inputs and are left to the server", () => {
  expect(draftsOf(FIELDS)).toMatchObject({ name: "", times: "3", loud: "true", maybe: "" });
  expect(read({ name: "Anna" })).toEqual({ values: { name: "Anna" }, faults: {} });
});

test("values have the types that the schema says", () => {
  const { values, faults } = read({
    name: "17",
    times: "4",
    ratio: "0.5",
    loud: "false",
    maybe: "true",
    tone: "7",
    days: "1\n\n 2 ",
    more: '{"a": [1]}',
  });
  expect(faults).toEqual({});
  expect(values).toEqual({
    name: "17",
    times: 4,
    ratio: 0.5,
    loud: false,
    maybe: true,
    tone: 7,
    days: [1, 2],
    more: { a: [1] },
  });
});

test("what an earlier run was given comes back as it was", () => {
  const given = { name: "Ben", times: 9, loud: false, tone: "kind", days: [5, 6], more: { a: 1 } };
  expect(valuesOf(FIELDS, draftsOf(FIELDS, given)).values).toEqual(given);
});

test.each([
  [{ name: "" }, "name", { key: "required" }],
  [{ name: "A" }, "name", { key: "longer", bound: 2 }],
  [{ name: "Annabel" }, "name", { key: "shorter", bound: 5 }],
  [{ times: "1.5" }, "times", { key: "integer" }],
  [{ times: "ten" }, "times", { key: "integer" }],
  [{ times: "0" }, "times", { key: "min", bound: 1 }],
  [{ times: "11" }, "times", { key: "max", bound: 10 }],
  [{ ratio: "1,5" }, "ratio", { key: "number" }],
  [{ days: "1\nx" }, "days", { key: "integer" }],
  [{ more: "{a: 1}" }, "more", { key: "json" }],
])("%o is told at %s", (drafts, name, fault) => {
  expect(read({ name: "Anna", ...drafts }).faults).toEqual({ [name]: fault });
});

test.each([
  ["", { values: {}, fault: null }],
  ['{"a": 1}', { values: { a: 1 }, fault: null }],
  ["[1]", { values: {}, fault: { key: "object" } }],
  ["{", { values: {}, fault: { key: "json" } }],
])("%o as the whole", (text, result) => {
  expect(objectOf(text)).toEqual(result);
});
