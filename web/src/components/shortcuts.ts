import { useEffect, useRef, useSyncExternalStore } from "react";

/** One shortcut: `keys` is a key (`?`, `/`, `f`) or two after each other (`g r`). */
export interface Shortcut {
  keys: string;
  label: string;
  run: () => void;
}

/** Two keys belong together when the second follows within this time. */
const SEQUENCE_MS = 1200;

let shortcuts: readonly Shortcut[] = [];
const listeners = new Set<() => void>();
let first = { key: "", at: 0 };

function change(next: readonly Shortcut[]): void {
  shortcuts = next;
  for (const listener of listeners) listener();
}

/** Let keys do something as long as the component is shown; a later component's win over an earlier's. */
export function useShortcuts(wanted: readonly Shortcut[]): void {
  const latest = useRef(wanted);
  latest.current = wanted;
  const names = wanted.map(({ keys, label }) => `${keys}\n${label}`).join("\n\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: what a key does may change at every render; which keys there are says `names`
  useEffect(() => {
    const own = latest.current.map(({ keys, label }, index) => ({
      keys,
      label,
      run: () => latest.current[index]?.run(),
    }));
    change([...own, ...shortcuts]);
    return () => change(shortcuts.filter((each) => !own.includes(each)));
  }, [names]);
}

/** All shortcuts that hold now. */
export function useShortcutList(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shortcuts,
  );
}

/** Run what a key that was pressed stands for; returns whether there was something. */
export function press(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event))
    return false;
  const isSecond = event.timeStamp - first.at < SEQUENCE_MS;
  const sequence = `${first.key} ${event.key}`;
  const found =
    (isSecond && shortcuts.find(({ keys }) => keys === sequence)) ||
    shortcuts.find(({ keys }) => keys === event.key);
  first = found ? { key: "", at: 0 } : { key: event.key, at: event.timeStamp };
  if (!found) return false;
  event.preventDefault();
  found.run();
  return true;
}

/** Whether the key belongs to what has the focus: a field, or a dialog or menu over the page. */
function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=menu]") !== null
  );
}
