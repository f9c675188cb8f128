import type { Schemas } from "@/api/client";
import type { SettingsSearch } from "./search";

type Setting = Schemas["SettingView"];

/** Return the settings that hold every word, in their name, value, description or variables. */
export function matching(settings: readonly Setting[], { text, changed }: SettingsSearch): Setting[] {
  const words = (text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return settings.filter((setting) => {
    if (changed && setting.is_default) return false;
    const haystack = [
      setting.name,
      valueText(setting.value),
      setting.description,
      ...setting.environment_variables,
    ]
      .join("\n")
      .toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** Write a value as it would stand in an environment variable; nothing is an empty text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(valueText).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
