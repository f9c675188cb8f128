import type { FormEvent, ReactNode } from "react";
import styles from "./entry_form.module.css";

interface EntryFormProps {
  title: string;
  intro?: string | undefined;
  onSubmit: (values: FormData) => void;
  children: ReactNode;
}

/** The frame of the pages in front of all others: one form in the middle. */
export function EntryForm({ title, intro, onSubmit, children }: EntryFormProps) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={submit}>
        <header className={styles.head}>
          <img src="/favicon.svg" alt="" width={32} height={32} />
          <h1>{title}</h1>
          {intro && <p className={styles.intro}>{intro}</p>}
        </header>
        {children}
      </form>
    </main>
  );
}
