import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useConnection } from "@/components/connection";
import { late } from "@/components/late";
import { press, useShortcuts } from "@/components/shortcuts";
import { PLACES } from "./places";
import { ShortcutHelp } from "./shortcut_help";

const loadPalette = late(() => import("./palette"));
const Palette = lazy(loadPalette);

/** The palette is fetched when the first page is there, so that it opens at once. */
const LOAD_AFTER_MS = 1500;

/** What the keyboard does on every page: Ctrl or Cmd and K, `?`, and `g` with a letter. */
export function Commands({ isOpen, onOpen }: { isOpen: boolean; onOpen: (isOpen: boolean) => void }) {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const [isHelpOpen, setHelpOpen] = useState(false);
  useShortcuts([
    { keys: "?", label: t("showShortcuts"), run: () => setHelpOpen(true) },
    ...PLACES.map(({ to, name, letter }) => ({
      keys: `g ${letter}`,
      label: t("goTo", { place: t(`places.${name}`) }),
      run: () => void navigate({ to }),
    })),
  ]);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) {
        event.preventDefault();
        onOpen(true);
      } else if (!isOpen) press(event); // what is typed while the palette loads is meant for it
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [isOpen, onOpen]);
  const isLive = useConnection() === "live";
  useEffect(() => {
    if (!isLive) return;
    // What could not be fetched ahead is fetched when the palette is opened.
    const timer = setTimeout(() => void loadPalette().catch(() => undefined), LOAD_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isLive]);
  return (
    <>
      {isOpen && (
        <Suspense>
          <Palette onClose={() => onOpen(false)} />
        </Suspense>
      )}
      <ShortcutHelp isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </>
  );
}
