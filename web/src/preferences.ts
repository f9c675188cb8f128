import { useSyncExternalStore } from "react";

/** How somebody wants to see the pages; kept in this browser. */
export interface Preferences {
  theme: "system" | "light" | "dark";
  zone: "local" | "utc";
  language: "en" | "de";
}

const KEY = "fastflow.preferences";
const listeners = new Set<() => void>();
let preferences = read();

function read(): Preferences {
  const usual: Preferences = {
    theme: "system",
    zone: "local",
    language: navigator.language.toLowerCase().startsWith("de") ? "de" : "en",
  };
  try {
    return { ...usual, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return usual; // no storage, or something else in it
  }
}

export function currentPreferences(): Preferences {
  return preferences;
}

export function changePreferences(change: Partial<Preferences>): void {
  preferences = { ...preferences, ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // A private window may refuse; the choice holds until the page is left.
  }
  apply();
  for (const listener of listeners) listener();
}

export function onPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(onPreferences, currentPreferences);
}

/** Let the document look as it is wanted. */
export function apply(): void {
  const root = document.documentElement;
  root.lang = preferences.language;
  if (preferences.theme === "system") delete root.dataset.theme;
  else root.dataset.theme = preferences.theme;
}
