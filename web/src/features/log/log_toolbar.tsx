import { ArrowDownToLine, Clock, Download, WrapText } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { announceProblem } from "@/components/said";
import { Button, Hint, IconButton } from "@/ui/button";
import { download } from "./download";
import type { LineRange } from "./line_hash";
import type { LogSource } from "./log_source";
import styles from "./log_toolbar.module.css";
import type { LogLook } from "./look";
import { SelectedLines } from "./selected_lines";

interface ToolbarProps {
  source: LogSource;
  look: LogLook;
  onLook: (change: Partial<LogLook>) => void;
  selected: LineRange | null;
  isFollowing: boolean;
  onFollow: () => void;
  children: ReactNode;
}

/** What can be done with a log. */
export function LogToolbar(props: ToolbarProps) {
  const { source, look, onLook, selected } = props;
  const { t } = useTranslation("log");
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={t("toolbar")}>
      {props.children}
      {selected === null ? (
        <span className={styles.count}>{source.total !== null && t("lines", { count: source.total })}</span>
      ) : (
        <SelectedLines runId={source.runId} selected={selected} />
      )}
      <span className={styles.tools}>
        <Follow {...props} />
        <IconButton
          label={t("times")}
          icon={<Clock aria-hidden />}
          aria-pressed={look.hasTimes}
          className={styles.toggle}
          onClick={() => onLook({ hasTimes: !look.hasTimes })}
        />
        <IconButton
          label={t("wrap")}
          icon={<WrapText aria-hidden />}
          aria-pressed={look.isWrapped}
          className={styles.toggle}
          onClick={() => onLook({ isWrapped: !look.isWrapped })}
        />
        <IconButton
          label={t("download")}
          icon={<Download aria-hidden />}
          onClick={() => void download(source.runId).catch(announceProblem)}
        />
      </span>
    </div>
  );
}

/** While the log grows, whether its end is followed; then, the way to it. */
function Follow({ source, isFollowing, onFollow }: ToolbarProps) {
  const { t } = useTranslation("log");
  const icon = <ArrowDownToLine aria-hidden />;
  if (source.isComplete) return <IconButton label={t("toEnd")} icon={icon} onClick={onFollow} />;
  return (
    <Hint text={t(isFollowing ? "followOn" : "followOff")}>
      <Button
        kind="quiet"
        icon={icon}
        aria-pressed={isFollowing}
        className={styles.toggle}
        onClick={onFollow}
      >
        {t("follow")}
      </Button>
    </Hint>
  );
}
