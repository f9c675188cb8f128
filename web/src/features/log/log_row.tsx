import { ChevronDown, ChevronRight } from "lucide-react";
import { type MouseEvent, memo } from "react";
import { useTranslation } from "react-i18next";
import { LineText } from "./line_text";
import styles from "./log_row.module.css";
import type { LogLine } from "./page_cache";
import { WholeLine } from "./whole_line";

export interface RowProps {
  runId: string;
  number: number;
  /** `undefined`: on its way. */
  line: LogLine | undefined;
  /** As it is shown; `null`: not. */
  time: string | null;
  search: string;
  isSelected: boolean;
  isHit: boolean;
  /** How many lines are folded into this one; with `isOpen` they are shown. */
  folds: number;
  isOpen: boolean;
  onPick: (number: number, isExtending: boolean) => void;
  onFold: (number: number) => void;
}

/** One line: its number, which is a link, when it came, and what it says. */
export const LogRow = memo(function LogRow(props: RowProps) {
  const { number, line, time, search, onPick } = props;
  const { t } = useTranslation("log");
  const pick = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey) return; // another tab
    event.preventDefault();
    onPick(number, event.shiftKey);
  };
  return (
    <div
      className={styles.row}
      data-line={number}
      data-error={line?.isError || undefined}
      data-selected={props.isSelected || undefined}
      data-hit={props.isHit || undefined}
    >
      <a
        href={`#L${number + 1}`}
        className={styles.number}
        tabIndex={-1}
        aria-label={t("line", { number: number + 1 })}
        onClick={pick}
      >
        {number + 1}
      </a>
      {time !== null && (
        <time className={styles.time} dateTime={line?.at}>
          {time}
        </time>
      )}
      <span className={styles.text} dir="ltr">
        {line?.isError && <span className="visually-hidden">{t("stderr")}: </span>}
        {props.folds > 0 && <FoldButton {...props} />}
        {line === undefined ? (
          <span className={styles.bar} />
        ) : line.length > line.text.length ? (
          <WholeLine runId={props.runId} line={line} search={search} />
        ) : (
          <LineText text={line.text} search={search} />
        )}
      </span>
    </div>
  );
});

function FoldButton({ number, folds, isOpen, onFold }: RowProps) {
  const { t } = useTranslation("log");
  return (
    <button type="button" className={styles.fold} aria-expanded={isOpen} onClick={() => onFold(number)}>
      {isOpen ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}
      Traceback
      {!isOpen && <span className={styles.count}>{t("lines", { count: folds })}</span>}
    </button>
  );
}
