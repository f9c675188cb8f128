import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorText } from "@/components/said";
import { IconButton } from "@/ui/button";
import type { LogSearch } from "./log_search";
import styles from "./log_toolbar.module.css";

/** So long nobody types any more, before it is searched. */
const TYPING_MS = 300;
const LONGEST_SEARCH = 500;

interface SearchProps {
  search: LogSearch;
  onSearch: (text: string) => void;
  field: RefObject<HTMLInputElement | null>;
  /** Back to the lines. */
  onLeave: () => void;
}

/** Looks for a text; Enter and Shift+Enter step through its hits. */
export function LogSearchBox({ search, onSearch, field, onLeave }: SearchProps) {
  const { t } = useTranslation("log");
  const [text, setText] = useState(search.text);
  useEffect(() => {
    if (text === search.text) return;
    const timer = setTimeout(() => onSearch(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, search, onSearch]);
  const clear = () => {
    setText("");
    onSearch("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      clear();
      onLeave();
    }
    if (event.key !== "Enter") return;
    if (text === search.text) search.step(event.shiftKey ? -1 : 1);
    else onSearch(text);
  };
  const refused = search.hits.length === 0 ? t("noHits") : null;
  return (
    <search className={styles.search}>
      <input
        ref={field}
        type="text"
        className={styles.field}
        aria-label={t("search")}
        placeholder={t("searchHint")}
        maxLength={LONGEST_SEARCH}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span className={styles.hits} role="status">
        <Hits search={search} />
      </span>
      {search.text !== "" && (
        <>
          <IconButton
            label={`${t("previous")} (N)`}
            icon={<ChevronUp aria-hidden />}
            refused={refused}
            onClick={() => search.step(-1)}
          />
          <IconButton
            label={`${t("next")} (n)`}
            icon={<ChevronDown aria-hidden />}
            refused={refused}
            onClick={() => search.step(1)}
          />
          <IconButton label={t("clear")} icon={<X aria-hidden />} onClick={clear} />
        </>
      )}
    </search>
  );
}

function Hits({ search }: { search: LogSearch }) {
  const { t, i18n } = useTranslation("log");
  if (search.text === "") return null;
  if (search.trouble !== null) return <ErrorText error={search.trouble} />;
  const write = (number: number) => number.toLocaleString(i18n.language);
  if (search.hits.length > 0) {
    const count = write(search.hits.length);
    const key = search.isFull ? "hitsMore" : search.isSearching ? "hitsGrowing" : "hits";
    return t(key, { at: search.number === 0 ? "–" : write(search.number), count: count as never });
  }
  if (!search.isSearching) return t("noHits");
  return t("searching", { percent: Math.floor((100 * search.searched) / Math.max(search.total, 1)) });
}
