import { ChevronDown, X } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import styles from "./chip.module.css";
import { classes } from "./class_names";

interface ChipToggleProps {
  isOn: boolean;
  onToggle: () => void;
  /** How many it leaves. */
  count?: number;
  children: ReactNode;
}

/** A choice that is on or off. */
export function ChipToggle({ isOn, onToggle, count, children }: ChipToggleProps) {
  return (
    <button type="button" className={styles.chip} aria-pressed={isOn} onClick={onToggle}>
      {children}
      {count !== undefined && <span className={styles.count}>{count}</span>}
    </button>
  );
}

interface ChipTriggerProps extends ComponentProps<"button"> {
  label: string;
  /** What is chosen; without it nothing is. */
  value?: string | undefined;
}

/** Opens what a choice is made in, and shows the choice. The trigger of a menu or a popup. */
export function ChipTrigger({ label, value, className, ...rest }: ChipTriggerProps) {
  const text = value === undefined ? label : `${label}: ${value}`;
  return (
    <button
      type="button"
      {...rest}
      // A combobox has no name by what it contains.
      aria-label={text}
      className={classes(styles.chip, className)}
      data-on={value !== undefined || undefined}
    >
      {text}
      <ChevronDown aria-hidden />
    </button>
  );
}

/** A chip with a cross that takes the choice back. */
export function Clearable(props: { onClear?: (() => void) | undefined; label: string; children: ReactNode }) {
  return (
    <span className={classes(styles.pair, props.onClear && styles.cleared)}>
      {props.children}
      {props.onClear && (
        <button type="button" className={styles.cross} aria-label={props.label} onClick={props.onClear}>
          <X aria-hidden />
        </button>
      )}
    </span>
  );
}

/** One of two or three ways to look at the same. */
export function Segments<T extends string>(props: {
  label: string;
  value: T;
  choices: readonly (readonly [T, string, ReactNode])[];
  onChoose: (value: T) => void;
}) {
  return (
    <fieldset className={styles.segments} aria-label={props.label}>
      {props.choices.map(([value, name, icon]) => (
        <button
          key={value}
          type="button"
          className={styles.segment}
          aria-pressed={value === props.value}
          onClick={() => props.onChoose(value)}
        >
          {icon}
          {name}
        </button>
      ))}
    </fieldset>
  );
}
