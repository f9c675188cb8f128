import { useState } from "react";
import { useTranslation } from "react-i18next";
import { announceProblem } from "@/components/said";
import { LineText } from "./line_text";
import styles from "./log_row.module.css";
import type { LogLine } from "./page_cache";
import { readTexts } from "./queries";

/** More than this in one line stops a browser for seconds. */
const MOST_CHARACTERS = 1_000_000;

/** A line that is too long to be drawn without being asked for. */
export function WholeLine({ runId, line, search }: { runId: string; line: LogLine; search: string }) {
  const { t, i18n } = useTranslation("log");
  const [whole, setWhole] = useState<string | null>(null);
  const characters = line.length.toLocaleString(i18n.language);
  const show = () =>
    void readTexts(runId, line.number, 1)
      .then(([text]) => setWhole(text ?? null))
      .catch(announceProblem);
  return (
    <>
      <LineText text={whole ?? line.text} search={search} />
      {whole === null &&
        (line.length <= MOST_CHARACTERS ? (
          <button type="button" className={styles.more} onClick={show}>
            {t("showAll", { characters })}
          </button>
        ) : (
          <span className={styles.more}>… {t("tooLong", { characters })}</span>
        ))}
    </>
  );
}
