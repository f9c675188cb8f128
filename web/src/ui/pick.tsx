import { Combobox } from "@base-ui/react/combobox";
import type { ReactElement } from "react";
import menu from "./menu.module.css";
import styles from "./pick.module.css";

interface PickProps {
  trigger: ReactElement;
  items: readonly string[];
  value: string | null;
  onPick: (value: string) => void;
  /** Called when it is opened: what there is to pick may be read only then. */
  onOpen?: () => void;
  label: string;
  empty: string;
}

/** Shows so many at most; who looks for another one types. */
const MOST = 50;

/** One of many texts, found by typing a part of it. */
export function Pick({ trigger, items, value, onPick, onOpen, label, empty }: PickProps) {
  return (
    <Combobox.Root
      items={items}
      value={value}
      onValueChange={(picked) => picked !== null && onPick(picked)}
      onOpenChange={(isOpen) => isOpen && onOpen?.()}
      limit={MOST}
      autoHighlight
    >
      <Combobox.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Combobox.Portal>
        <Combobox.Positioner className={menu.positioner} sideOffset={4} align="start">
          <Combobox.Popup className={menu.popup} aria-label={label}>
            <Combobox.Input className={styles.input} placeholder={label} aria-label={label} />
            <Combobox.Empty className={styles.empty}>{empty}</Combobox.Empty>
            <Combobox.List className={styles.list}>
              {(item: string) => (
                <Combobox.Item key={item} value={item} className={menu.item}>
                  {item}
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
