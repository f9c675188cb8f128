import { ArrowDown } from "lucide-react";
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Trouble } from "@/components/loaded";
import { useShortcuts } from "@/components/shortcuts";
import { Button } from "@/ui/button";
import { Empty, Skeleton } from "@/ui/notice";
import { attemptsByLine } from "./attempts";
import { keysOf } from "./keys";
import { extended, rangeOf } from "./line_hash";
import { LogLines } from "./log_lines";
import { LogSearch } from "./log_search";
import { LogSearchBox } from "./log_search_box";
import { LogSource } from "./log_source";
import { LogToolbar } from "./log_toolbar";
import styles from "./log_viewer.module.css";
import { useLogLook } from "./look";
import { Scroller } from "./scroller";
import { Folding } from "./tracebacks";
import { useAddress } from "./use_address";

interface LogViewerProps {
  runId: string;
  /** The run has not ended yet. */
  isActive: boolean;
  attempts: readonly Pick<Schemas["AttemptView"], "number" | "log_lines">[];
}

/** What a run printed: as long as it may be, live while it runs. Takes the height that it is given. */
export function LogViewer(props: LogViewerProps) {
  return <Viewer key={props.runId} {...props} />;
}

function useViewer(runId: string, find: string, isAtLines: boolean) {
  const [viewer] = useState(() => {
    const source = new LogSource(runId);
    const scroller = new Scroller();
    const folding = new Folding(source.cache, () => scroller.redraw());
    return { source, scroller, folding, search: new LogSearch(runId, find), isAtLines };
  });
  const { source, scroller, search } = viewer;
  useSyncExternalStore(source.subscribe, source.currentVersion);
  useSyncExternalStore(scroller.subscribe, scroller.currentVersion);
  useSyncExternalStore(search.subscribe, search.currentVersion);
  useEffect(() => source.start(), [source]);
  useEffect(() => {
    // Where the address names lines, these are what is to be seen.
    search.start(search.text, 0, !viewer.isAtLines);
    return () => search.stop();
  }, [search, viewer]);
  const isAtEnd = scroller.position === "end";
  useEffect(() => source.follow(isAtEnd), [source, isAtEnd]);
  return { ...viewer, isAtEnd };
}

function Viewer({ runId, isActive, attempts }: LogViewerProps) {
  const { t } = useTranslation("log");
  const { selected, select, pick, find, keepFind } = useAddress();
  const { source, scroller, folding, search, isAtEnd } = useViewer(runId, find, selected !== null);
  const [look, changeLook] = useLogLook();
  const viewport = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const starts = useMemo(() => attemptsByLine(attempts), [attempts]);
  const total = source.total;

  // A link to lines, or Back: go there, unless they can be seen already.
  useLayoutEffect(() => {
    if (selected !== null && !scroller.sees(selected.first)) scroller.goTo(selected.first);
  }, [scroller, selected]);

  const hit = search.current;
  useLayoutEffect(() => {
    if (hit !== null && !scroller.sees(hit)) scroller.goTo(hit);
  }, [scroller, hit]);
  folding.reveal([hit, selected?.first, selected?.last].filter((line) => line != null));

  // biome-ignore lint/correctness/useExhaustiveDependencies: lines are drawn otherwise
  useLayoutEffect(() => scroller.redraw(), [scroller, look]);

  const seen = useRef(0);
  if (isAtEnd || seen.current === 0) seen.current = total ?? 0;
  const newLines = (total ?? 0) - seen.current;

  const toggleFollowing = () => (isAtEnd && !source.isComplete ? scroller.leaveEnd() : scroller.goToEnd());
  const onSearch = useCallback(
    (text: string) => {
      search.start(text, scroller.topLine);
      keepFind(text);
    },
    [search, scroller, keepFind],
  );
  const lineRead = () => (hit !== null && scroller.sees(hit) ? hit : scroller.topLine);
  const extend = (lines: number) =>
    select(selected === null ? rangeOf(lineRead()) : extended(selected, lines, (total ?? 1) - 1));
  useShortcuts([
    { keys: "/", label: t("search"), run: () => field.current?.select() },
    { keys: "n", label: t("next"), run: () => search.step(1) },
    { keys: "N", label: t("previous"), run: () => search.step(-1) },
    { keys: "f", label: t("followKey"), run: toggleFollowing },
    { keys: "l", label: t("lineKey"), run: () => select(rangeOf(lineRead())) },
  ]);
  const onKeyDown = keysOf({ viewport, scroller, extend, leave: () => select(null) });

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of what is in here
    <div className={styles.viewer} onKeyDown={onKeyDown}>
      <LogToolbar
        source={source}
        look={look}
        onLook={changeLook}
        selected={selected}
        isFollowing={isAtEnd && !source.isComplete}
        onFollow={toggleFollowing}
      >
        <LogSearchBox
          search={search}
          onSearch={onSearch}
          field={field}
          onLeave={() => viewport.current?.focus()}
        />
      </LogToolbar>
      <div className={styles.body}>
        <LogLines
          source={source}
          scroller={scroller}
          folding={folding}
          look={look}
          attempts={starts}
          search={search.text}
          hit={hit}
          selected={selected}
          viewport={viewport}
          onPick={pick}
        />
        <Instead source={source} isActive={isActive} />
        {!isAtEnd && <WayBack source={source} scroller={scroller} newLines={newLines} />}
      </div>
    </div>
  );
}

/** What stands in the place of lines while there are none. */
function Instead({ source, isActive }: { source: LogSource; isActive: boolean }) {
  const { t } = useTranslation("log");
  if (source.total !== null && source.total > 0) return null;
  let content = <Skeleton rows={8} label={t("label")} />;
  if (source.total === 0) {
    content = (
      <Empty title={t(isActive ? "waiting" : "empty")}>{t(isActive ? "waitingHint" : "emptyHint")}</Empty>
    );
  } else if (source.trouble) {
    content = <Trouble error={source.trouble} onRetry={() => source.retry()} />;
  }
  return <div className={styles.over}>{content}</div>;
}

/** Leads back to the end, which grows while something else is read. */
function WayBack(props: { source: LogSource; scroller: Scroller; newLines: number }) {
  const { t } = useTranslation("log");
  if (props.newLines === 0 && props.source.isComplete) return null;
  return (
    <Button
      kind="primary"
      className={styles.back}
      icon={<ArrowDown aria-hidden />}
      onClick={() => props.scroller.goToEnd()}
    >
      {props.newLines > 0 ? t("newLines", { count: props.newLines }) : t("toEnd")}
    </Button>
  );
}
