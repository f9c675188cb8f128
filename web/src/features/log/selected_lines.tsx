import { Copy, Link } from "lucide-react";
import { useTranslation } from "react-i18next";
import { announceProblem } from "@/components/said";
import { Button } from "@/ui/button";
import { copyText } from "@/ui/copy_button";
import { announce } from "@/ui/toast";
import { plainText } from "./ansi";
import type { LineRange } from "./line_hash";
import styles from "./log_toolbar.module.css";
import { readTexts } from "./queries";

const MOST_LINES = 10_000;

/** What can be done with the lines that are selected. */
export function SelectedLines({ runId, selected }: { runId: string; selected: LineRange }) {
  const { t, i18n } = useTranslation("log");
  const count = selected.last - selected.first + 1;
  const onDone = () => announce(t("copied"));
  const onError = announceProblem;
  const copyLines = () =>
    void readTexts(runId, selected.first, count)
      .then((lines) => copyText(lines.map(plainText).join("\n")))
      .then(onDone, onError);
  const most = MOST_LINES.toLocaleString(i18n.language);
  return (
    <span className={styles.selected}>
      <Button
        kind="quiet"
        icon={<Copy aria-hidden />}
        refused={count > MOST_LINES ? t("tooMany", { most }) : null}
        onClick={copyLines}
      >
        <span>{t("copyLines", { count })}</span>
      </Button>
      <Button
        kind="quiet"
        icon={<Link aria-hidden />}
        onClick={() => void copyText(location.href).then(onDone, onError)}
      >
        <span>{t("copyLink")}</span>
      </Button>
    </span>
  );
}
