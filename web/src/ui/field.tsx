import { Field as Primitive } from "@base-ui/react/field";
import type { ComponentProps, ReactNode } from "react";
import styles from "./field.module.css";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  /** What is wrong with the value. */
  error?: string | null | undefined;
  children: ReactNode;
}

/** A control with its label, a hint, and what is wrong with it; screen readers hear all three. */
export function Field({ label, hint, error, children }: FieldProps) {
  return (
    <Primitive.Root className={styles.field} invalid={Boolean(error)}>
      <Primitive.Label className={styles.label}>{label}</Primitive.Label>
      {children}
      {hint && <Primitive.Description className={styles.hint}>{hint}</Primitive.Description>}
      {error && (
        <Primitive.Error match className={styles.error}>
          {error}
        </Primitive.Error>
      )}
    </Primitive.Root>
  );
}

/** One line of text within a `Field`. */
export function TextInput(props: ComponentProps<"input">) {
  return <Primitive.Control {...(props as object)} className={styles.control} />;
}

/** Several lines of text within a `Field`. */
export function TextArea(props: ComponentProps<"textarea">) {
  return <Primitive.Control render={<textarea {...props} />} className={styles.control} />;
}

/** One of several values within a `Field`: the system's own control, the best on a phone. */
export function Select(props: ComponentProps<"select">) {
  return <Primitive.Control render={<select {...props} />} className={styles.control} />;
}
