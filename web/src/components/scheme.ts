import { useSyncExternalStore } from "react";
import { usePreferences } from "@/preferences";

/** Whether the pages are dark now: for what is drawn on a canvas, which no style sheet reaches. */
export function useIsDark(): boolean {
  const { theme } = usePreferences();
  const isSystemDark = useSyncExternalStore(onChange, () => query()?.matches ?? false);
  return theme === "system" ? isSystemDark : theme === "dark";
}

const query = () => globalThis.matchMedia?.("(prefers-color-scheme: dark)");

function onChange(listener: () => void): () => void {
  const watched = query();
  watched?.addEventListener("change", listener);
  return () => watched?.removeEventListener("change", listener);
}
