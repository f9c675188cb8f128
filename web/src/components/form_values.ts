/** Return what a form says about a field, as text. */
export function textOf(values: FormData, name: string): string {
  const value = values.get(name);
  return typeof value === "string" ? value : "";
}

/** Return what a form says about a field; null: nothing. */
export function textOrNull(values: FormData, name: string): string | null {
  return textOf(values, name).trim() || null;
}

/** Return the whole number that stands in a field; null: none. */
export function numberOrNull(values: FormData, name: string): number | null {
  const text = textOrNull(values, name);
  return text === null ? null : Number(text);
}
