import type { Schemas } from "@/api/client";

type Fields = Schemas["AuditEntry"]["before"];

/** A field that an action changed; `undefined`: there was none before, or is none after. */
export interface FieldChange {
  field: string;
  before: unknown;
  after: unknown;
}

/** Put what was before and what came after side by side, by field. */
export function changesOf(before: Fields, after: Fields): FieldChange[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields].map((field) => ({ field, before: before?.[field], after: after?.[field] }));
}

/** Write a field's name as words: `is_enabled` is "is enabled". */
export function fieldWords(field: string): string {
  return field.replaceAll("_", " ");
}

/** Write a value without the signs of JSON; nothing is an empty text. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(plainText).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whether a value is a moment in full, as the server writes it. */
export function isMoment(value: unknown): value is string {
  return (
    typeof value === "string" &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(value)
  );
}
