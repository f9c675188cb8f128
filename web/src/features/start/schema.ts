/**
 * Reads the JSON Schema of a manifest's `parameters` into fields of a form.
 *
 * The server judges by the whole schema; this knows only what inputs can show. What it does not understand
 * becomes a field for JSON text, so that nothing is out of reach.
 */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };
export type ScalarKind = "text" | "integer" | "number";
export type FieldKind = ScalarKind | "boolean" | "choice" | "list" | "json";

export interface SchemaField {
  name: string;
  label: string;
  kind: FieldKind;
  isRequired: boolean;
  description: string | null;
  default: Json | undefined;
  /** Of a choice: its values. */
  choices: readonly Json[];
  /** Of a list: what each of its entries is. */
  entryKind: ScalarKind;
  /** As the schema says it: bounds, lengths, pattern. */
  rules: Rules;
}

export interface Rules {
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
}

const SCALARS: Readonly<Record<string, ScalarKind>> = {
  string: "text",
  integer: "integer",
  number: "number",
};
/** Where one of these stands at the top, what is allowed depends on more than single fields. */
const BEYOND_FIELDS = ["$ref", "allOf", "anyOf", "oneOf", "if", "not", "dependentSchemas"] as const;
const FARTHEST_REFERENCE = 8;

/** Return the fields; `null`: there are none to show, and the whole is to be written as JSON. */
export function fieldsOf(schema: Json | undefined): SchemaField[] | null {
  if (!isObject(schema) || !isObject(schema.properties)) return null;
  if (BEYOND_FIELDS.some((keyword) => keyword in schema)) return null;
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, part]) =>
    fieldOf(name, resolved(part, schema), required.includes(name)),
  );
}

function fieldOf(name: string, part: JsonObject, isRequired: boolean): SchemaField {
  const items = isObject(part.items) ? part.items : {};
  return {
    name,
    label: typeof part.title === "string" && part.title ? part.title : name,
    kind: kindOf(part),
    isRequired,
    description: typeof part.description === "string" ? part.description : null,
    default: part.default,
    choices: Array.isArray(part.enum) ? part.enum : [],
    entryKind: SCALARS[String(items.type)] ?? "text",
    rules: part as Rules,
  };
}

function kindOf(part: JsonObject): FieldKind {
  if (Array.isArray(part.enum) && part.enum.length > 0) return "choice";
  const { type } = part;
  if (type === "boolean") return "boolean";
  if (typeof type === "string" && type in SCALARS) return SCALARS[type] as ScalarKind;
  if (type === "array" && isObject(part.items) && String(part.items.type) in SCALARS && !part.items.enum) {
    return "list";
  }
  return "json";
}

/** Follow a reference to another place of the same schema; one that leads nowhere stays what it is. */
function resolved(part: Json | undefined, root: JsonObject): JsonObject {
  let found = part;
  for (let step = 0; step < FARTHEST_REFERENCE; step += 1) {
    if (!isObject(found)) return {};
    const reference = found.$ref;
    if (typeof reference !== "string" || !reference.startsWith("#/")) return found;
    let place: Json | undefined = root;
    for (const key of reference.slice(2).split("/"))
      place = isObject(place) ? place[unescaped(key)] : undefined;
    const { $ref: _, ...beside } = found;
    found = isObject(place) ? { ...place, ...beside } : undefined;
  }
  return {};
}

const unescaped = (key: string) => key.replaceAll("~1", "/").replaceAll("~0", "~");

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
