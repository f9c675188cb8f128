import { Menu as Primitive } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import styles from "./menu.module.css";

/** A menu that opens from its trigger; arrow keys move, Escape closes. */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <Primitive.Root>
      <Primitive.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Primitive.Portal>
        <Primitive.Positioner className={styles.positioner} sideOffset={4} align="end">
          <Primitive.Popup className={styles.popup}>{children}</Primitive.Popup>
        </Primitive.Positioner>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

interface MenuItemProps {
  onSelect: () => void;
  icon?: ReactNode;
  /** Why it can't be chosen now. */
  refused?: string | null | undefined;
  children: ReactNode;
}

/** A line of a menu. */
export function MenuItem({ onSelect, icon, refused, children }: MenuItemProps) {
  return (
    <Primitive.Item
      className={styles.item}
      disabled={Boolean(refused)}
      onClick={() => {
        if (!refused) onSelect();
      }}
    >
      {icon}
      <span>
        {children}
        {refused && <small className={styles.reason}>{refused}</small>}
      </span>
    </Primitive.Item>
  );
}

/** One of several values, the present one marked. */
export function MenuChoice<T extends string>(props: {
  label: string;
  value: T;
  choices: readonly (readonly [T, string])[];
  onChoose: (value: T) => void;
}) {
  return (
    <Primitive.Group>
      <Primitive.GroupLabel className={styles.label}>{props.label}</Primitive.GroupLabel>
      <Primitive.RadioGroup value={props.value} onValueChange={(value: T) => props.onChoose(value)}>
        {props.choices.map(([value, name]) => (
          <Primitive.RadioItem key={value} value={value} className={styles.item} closeOnClick>
            <Primitive.RadioItemIndicator className={styles.mark} keepMounted />
            {name}
          </Primitive.RadioItem>
        ))}
      </Primitive.RadioGroup>
    </Primitive.Group>
  );
}

export function MenuLine() {
  return <Primitive.Separator className={styles.line} />;
}

/** What the menu is about; nothing to choose. */
export function MenuText({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.text}>
      <strong>{title}</strong>
      <span>{children}</span>
    </div>
  );
}
