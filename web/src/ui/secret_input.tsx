import { Field as Primitive } from "@base-ui/react/field";
import { Eye, EyeOff, WrapText } from "lucide-react";
import { type ClipboardEvent, useState } from "react";
import { IconButton } from "./button";
import { classes } from "./class_names";
import fieldStyles from "./field.module.css";
import styles from "./secret_input.module.css";

interface SecretInputProps {
  name: string;
  required?: boolean;
  minLength?: number;
  /** Without `lines` it stays one line: a password. */
  words: { show: string; hide: string; lines?: string };
}

/**
 * A value that others should not read over one's shoulder, within a `Field`. A browser drops the line ends of
 * what is pasted into one line, which would spoil a key: it becomes several lines by itself.
 */
export function SecretInput({ name, required, minLength, words }: SecretInputProps) {
  const [value, setValue] = useState("");
  const [isShown, setShown] = useState(false);
  const [hasLines, setLines] = useState(false);
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    const text = event.clipboardData.getData("text");
    if (!words.lines || !/[\r\n]/.test(text)) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = event.currentTarget;
    setValue(value.slice(0, selectionStart ?? 0) + text + value.slice(selectionEnd ?? value.length));
    setLines(true);
  };
  const common = { name, required, minLength, value, autoComplete: "off", spellCheck: false } as const;
  return (
    <div className={styles.row}>
      {hasLines ? (
        <Primitive.Control
          render={
            <textarea
              {...common}
              rows={5}
              data-hidden={!isShown || undefined}
              onChange={(event) => setValue(event.target.value)}
            />
          }
          className={classes(fieldStyles.control, styles.lines)}
        />
      ) : (
        <Primitive.Control
          {...common}
          autoComplete="new-password"
          type={isShown ? "text" : "password"}
          className={classes(fieldStyles.control, styles.line)}
          onChange={(event) => setValue(event.target.value)}
          onPaste={paste}
        />
      )}
      <IconButton
        label={isShown ? words.hide : words.show}
        icon={isShown ? <EyeOff /> : <Eye />}
        aria-pressed={isShown}
        onClick={() => setShown(!isShown)}
      />
      {words.lines && !hasLines && (
        <IconButton label={words.lines} icon={<WrapText />} onClick={() => setLines(true)} />
      )}
    </div>
  );
}
