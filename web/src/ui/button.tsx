import { Tooltip } from "@base-ui/react/tooltip";
import type { ComponentProps, ReactNode } from "react";
import styles from "./button.module.css";
import { classes } from "./class_names";

export interface ButtonProps extends Omit<ComponentProps<"button">, "disabled"> {
  kind?: "primary" | "plain" | "quiet" | "danger";
  icon?: ReactNode;
  /** Why it can't be pressed now. It stays reachable by keyboard, so that the reason can be read. */
  refused?: string | null | undefined;
  isBusy?: boolean;
}

/** A button. One that can't be pressed says why, on hover, on focus and to a screen reader. */
export function Button(props: ButtonProps) {
  return (
    <Hint text={props.refused || null}>
      <Bare {...props} />
    </Hint>
  );
}

/** A button that shows an icon only; its label is a hint and what screen readers say. */
export function IconButton({ label, className, ...rest }: ButtonProps & { label: string }) {
  return (
    <Hint text={rest.refused ? `${label}: ${rest.refused}` : label}>
      <Bare kind="quiet" {...rest} className={classes(styles.icon, className)} aria-label={label} />
    </Hint>
  );
}

function Bare({
  kind = "plain",
  icon,
  refused,
  isBusy = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const isOff = Boolean(refused) || isBusy;
  return (
    <button
      type="button"
      {...rest}
      className={classes(styles.button, styles[kind], className)}
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      onClick={isOff ? (event) => event.preventDefault() : onClick}
    >
      {icon}
      {children}
    </button>
  );
}

/**
 * Shows a text when the element is hovered or has the focus; null: none for now.
 *
 * The element stays the same when the text comes or goes, and keeps the focus.
 */
export function Hint({ text, children }: { text: string | null; children: React.ReactElement }) {
  return (
    <Tooltip.Root disabled={text === null}>
      <Tooltip.Trigger
        render={children as React.ReactElement<Record<string, unknown>>}
        closeOnClick={false}
      />
      <Tooltip.Portal>
        <Tooltip.Positioner sideOffset={6} className={styles.positioner}>
          <Tooltip.Popup className={styles.hint}>{text}</Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
