import { CopyButton } from "./copy_button";
import styles from "./copyable.module.css";

/** A text to be taken elsewhere as it is: a key, a command, an address. */
export function Copyable(props: { text: string; label: string; copyLabel: string; copiedLabel: string }) {
  return (
    <div className={styles.frame}>
      <output className={styles.text} aria-label={props.label}>
        {props.text}
      </output>
      <CopyButton text={props.text} label={props.copyLabel} doneLabel={props.copiedLabel} />
    </div>
  );
}
