import type { ReactNode } from "react";
import styles from "./form.module.css";

/** Fields below each other. Enter and the button both submit; the page is not left. */
export function Form(props: { id?: string; onSubmit: (values: FormData) => void; children: ReactNode }) {
  return (
    <form
      id={props.id}
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit(new FormData(event.currentTarget));
      }}
    >
      {props.children}
    </form>
  );
}

/** Fields beside each other: what narrows a list. */
export function FilterBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <search aria-label={label} className={styles.bar}>
      {children}
    </search>
  );
}

interface CheckProps {
  name?: string;
  label: string;
  hint?: string;
  isChecked?: boolean;
  onChange?: (isChecked: boolean) => void;
}

/** Yes or no; by itself or, without `onChange`, in a form. */
export function Check({ name, label, hint, isChecked, onChange }: CheckProps) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        name={name}
        {...(onChange
          ? { checked: isChecked ?? false, onChange: (event) => onChange(event.target.checked) }
          : { defaultChecked: isChecked ?? false })}
      />
      <span>
        {label}
        {hint && <small>{hint}</small>}
      </span>
    </label>
  );
}
