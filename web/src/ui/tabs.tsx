import { Tabs as Primitive } from "@base-ui/react/tabs";
import type { ReactNode } from "react";
import styles from "./tabs.module.css";

export interface Tab<T extends string> {
  value: T;
  label: string;
  content: () => ReactNode;
}

/** Tabs; which one is open is the caller's to keep, in the URL. */
export function Tabs<T extends string>(props: {
  label: string;
  value: T;
  tabs: readonly Tab<T>[];
  onChange: (value: T) => void;
}) {
  return (
    <Primitive.Root value={props.value} onValueChange={(value: T) => props.onChange(value)}>
      <Primitive.List className={styles.list} aria-label={props.label}>
        {props.tabs.map((tab) => (
          <Primitive.Tab key={tab.value} value={tab.value} className={styles.tab}>
            {tab.label}
          </Primitive.Tab>
        ))}
      </Primitive.List>
      {props.tabs.map((tab) => (
        <Primitive.Panel key={tab.value} value={tab.value} className={styles.panel}>
          {tab.value === props.value && tab.content()}
        </Primitive.Panel>
      ))}
    </Primitive.Root>
  );
}
