/** Between what stands in the inputs of a form and the values that a run is given. */

import { isObject, type Json, type JsonObject, type ScalarKind, type SchemaField } from "./schema";

/** What stands in each input, by the field's name. Lists have an entry a line; empty means left out. */
export type Drafts = Readonly<Record<string, string>>;

/** What is wrong with a draft, as a key of this feature's words and what it speaks of. */
export interface Fault {
  key: "required" | "integer" | "number" | "json" | "object" | "min" | "max" | "shorter" | "longer";
  bound?: number | string;
}

export interface Read {
  values: JsonObject;
  faults: Readonly<Record<string, Fault>>;
}

/** Write a value as it stands in its input. */
export function draftOf(field: SchemaField, value: Json | undefined): string {
  if (value === undefined) return "";
  if (field.kind === "list" && Array.isArray(value)) return value.map(entryText).join("\n");
  if (field.kind === "text" && typeof value === "string") return value;
  return field.kind === "json" ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}

const entryText = (entry: Json) => (typeof entry === "string" ? entry : JSON.stringify(entry));

/** Fill the inputs: with the values of an earlier run where it had them, else with the defaults. */
export function draftsOf(fields: readonly SchemaField[], given: JsonObject = {}): Drafts {
  return Object.fromEntries(
    fields.map((field) => {
      const value = given[field.name] ?? field.default ?? (isSwitch(field) ? false : undefined);
      return [field.name, draftOf(field, value)];
    }),
  );
}

/** Whether it has two states only; another boolean can be left out, too. */
export function isSwitch(field: SchemaField): boolean {
  return field.kind === "boolean" && (field.isRequired || typeof field.default === "boolean");
}

/** Read the inputs. What equals its default is left out: the server knows it. */
export function valuesOf(fields: readonly SchemaField[], drafts: Drafts): Read {
  const values: JsonObject = {};
  const faults: Record<string, Fault> = {};
  for (const field of fields) {
    const draft = drafts[field.name] ?? "";
    if (draft.trim() === "") {
      if (field.isRequired && field.default === undefined) faults[field.name] = { key: "required" };
      continue;
    }
    const read = readDraft(field, draft);
    if ("fault" in read) faults[field.name] = read.fault;
    else if (draft !== draftOf(field, field.default)) values[field.name] = read.value;
  }
  return { values, faults };
}

type One = { value: Json } | { fault: Fault };

function readDraft(field: SchemaField, draft: string): One {
  switch (field.kind) {
    case "list":
      return listOf(field, draft);
    case "text":
    case "integer":
    case "number":
      return checked(field, scalarOf(field.kind, draft));
    default:
      return jsonOf(draft);
  }
}

function listOf(field: SchemaField, draft: string): One {
  const entries: Json[] = [];
  for (const line of draft.split("\n")) {
    if (line.trim() === "") continue;
    const entry = scalarOf(field.entryKind, line);
    if ("fault" in entry) return entry;
    entries.push(entry.value);
  }
  return { value: entries };
}

function scalarOf(kind: ScalarKind, draft: string): One {
  if (kind === "text") return { value: draft };
  const number = Number(draft.trim());
  if (!Number.isFinite(number)) return { fault: { key: kind } };
  if (kind === "integer" && !Number.isInteger(number)) return { fault: { key: kind } };
  return { value: number };
}

function checked(field: SchemaField, read: One): One {
  if ("fault" in read) return read;
  const fault =
    typeof read.value === "number" ? outOfBounds(field, read.value) : badText(field, String(read.value));
  return fault ? { fault } : read;
}

function outOfBounds({ rules }: SchemaField, value: number): Fault | null {
  if (rules.minimum !== undefined && value < rules.minimum) return { key: "min", bound: rules.minimum };
  if (rules.maximum !== undefined && value > rules.maximum) return { key: "max", bound: rules.maximum };
  return null;
}

function badText({ rules }: SchemaField, value: string): Fault | null {
  const length = [...value].length;
  if (rules.minLength !== undefined && length < rules.minLength)
    return { key: "longer", bound: rules.minLength };
  if (rules.maxLength !== undefined && length > rules.maxLength)
    return { key: "shorter", bound: rules.maxLength };
  return null; // patterns are the server's to judge: its regular expressions are not the browser's
}

function jsonOf(draft: string): One {
  try {
    return { value: JSON.parse(draft) as Json };
  } catch {
    return { fault: { key: "json" } };
  }
}

/** Read parameters that were written as one JSON text. */
export function objectOf(text: string): { values: JsonObject; fault: Fault | null } {
  if (text.trim() === "") return { values: {}, fault: null };
  const read = jsonOf(text);
  if ("fault" in read) return { values: {}, fault: read.fault };
  return isObject(read.value)
    ? { values: read.value, fault: null }
    : { values: {}, fault: { key: "object" } };
}
