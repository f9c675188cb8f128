import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import styles from "./search_input.module.css";

interface SearchInputProps {
  label: string;
  /** What may be typed, where the label does not say it. */
  hint?: string;
  text: string;
  onChange: (text: string) => void;
}

const PAUSE_MS = 300;
const MOST_CHARACTERS = 200;

/** A field to search by. What is typed takes effect when the typing pauses. */
export function SearchInput({ label, hint, text, onChange }: SearchInputProps) {
  const [typed, setTyped] = useState(text);
  const [known, setKnown] = useState(text);
  if (known !== text) {
    setKnown(text);
    setTyped(text);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the clock
  useEffect(() => {
    if (typed.trim() === text) return;
    const timer = setTimeout(() => onChange(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <label className={styles.search}>
      <Search aria-hidden />
      <span className="visually-hidden">{label}</span>
      <input
        type="search"
        value={typed}
        placeholder={hint ?? label}
        maxLength={MOST_CHARACTERS}
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
      />
    </label>
  );
}
