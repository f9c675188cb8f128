// biome-ignore-all lint/a11y/noRedundantRoles: laid out as a grid, it is a table to a screen reader only by its roles
import { Link } from "@tanstack/react-router";
import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { classes } from "@/ui/class_names";
import styles from "./run_table.module.css";
import { Said } from "./said";
import { useShortcuts } from "./shortcuts";
import { Status } from "./status";
import { Elapsed, Moment } from "./time";

type Run = Schemas["RunView"];

interface RunTableProps {
  runs: readonly Run[];
  withPipeline?: boolean;
  /** Told which rows are on the screen, `to` not included, whenever that changes. */
  onShown?: (from: number, to: number) => void;
}

const USUAL_ROW_PX = 36;
/** The bar of places covers the foot of a phone. */
const COVERED_PX = 72;

/** Runs in rows: how it ended, what it was, why, when and how long. Only the rows that can be seen exist. */
export function RunTable({ runs, withPipeline = true, onShown }: RunTableProps) {
  const { t } = useTranslation("runs");
  const { body, virtualizer, active, setActive, onKeyDown } = useRows(runs);
  const items = virtualizer.getVirtualItems();
  useShown(virtualizer.range, onShown);
  return (
    <table
      role="table"
      className={classes(styles.table, withPipeline && styles.named)}
      aria-label={t("title")}
      aria-rowcount={runs.length + 1}
    >
      <thead role="rowgroup">
        <tr role="row" className={styles.head} aria-rowindex={1}>
          <th scope="col" role="columnheader">
            {t("status")}
          </th>
          {withPipeline && (
            <th scope="col" role="columnheader">
              {t("pipeline")}
            </th>
          )}
          <th scope="col" role="columnheader">
            {t("reason")}
          </th>
          <th scope="col" role="columnheader">
            {t("trigger")}
          </th>
          <th scope="col" role="columnheader">
            {t("started")}
          </th>
          <th scope="col" role="columnheader" className={styles.figure}>
            {t("took")}
          </th>
        </tr>
      </thead>
      <tbody
        onKeyDown={onKeyDown}
        role="rowgroup"
        ref={body}
        className={styles.body}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {items.map((item) => {
          const run = runs[item.index];
          return (
            run && (
              <Row
                key={run.id}
                run={run}
                index={item.index}
                top={item.start - virtualizer.options.scrollMargin}
                withPipeline={withPipeline}
                isActive={item.index === active}
                onActive={setActive}
              />
            )
          );
        })}
      </tbody>
    </table>
  );
}

/** Where the rows are, which of them exist, and the one that the keyboard is at. */
function useRows(runs: readonly Run[]) {
  const { t } = useTranslation("runs");
  const body = useRef<HTMLTableSectionElement>(null);
  const [height, setHeight] = useState(USUAL_ROW_PX);
  const [margin, setMargin] = useState(0);
  // A list that begins anew is at its first row again.
  const first = runs[0]?.id;
  const [at, setAt] = useState({ first, index: 0 });
  const active = at.first === first ? at.index : 0;
  const setActive = useCallback((index: number) => setAt({ first, index }), [first]);
  const virtualizer = useWindowVirtualizer({
    count: runs.length,
    estimateSize: () => height,
    overscan: 12,
    scrollMargin: margin,
    scrollPaddingStart: COVERED_PX,
    scrollPaddingEnd: COVERED_PX,
    useFlushSync: false,
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), active])].sort((a, b) => a - b),
  });
  useLayoutEffect(() => {
    const measure = () => {
      const rows = body.current;
      if (!rows) return;
      setMargin(rows.getBoundingClientRect().top + window.scrollY);
      setHeight(rows.querySelector("tr")?.offsetHeight || USUAL_ROW_PX);
    };
    measure();
    // What stands above may grow or shrink as well.
    const watch = new ResizeObserver(measure);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: all rows are as high as the first one
  useLayoutEffect(() => virtualizer.measure(), [height, virtualizer]);
  const wanted = useRef<number | null>(null);
  const move = (step: number) => {
    const isInside = body.current?.contains(document.activeElement) ?? false;
    const to = Math.max(0, Math.min(runs.length - 1, isInside ? active + step : active));
    wanted.current = to;
    setActive(to);
    virtualizer.scrollToIndex(to, { align: "auto" });
  };
  useShortcuts([
    { keys: "j", label: t("nextRow"), run: () => move(1) },
    { keys: "k", label: t("previousRow"), run: () => move(-1) },
  ]);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  };
  useEffect(() => {
    if (wanted.current === null) return;
    body.current
      ?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] a`)
      ?.focus({ preventScroll: true });
    wanted.current = null;
  });
  return { body, virtualizer, active, setActive, onKeyDown };
}

function useShown(
  range: { startIndex: number; endIndex: number } | null,
  onShown: RunTableProps["onShown"],
): void {
  const from = range?.startIndex;
  const to = range?.endIndex;
  const latest = useRef(onShown);
  useEffect(() => {
    latest.current = onShown;
  });
  useEffect(() => {
    if (from !== undefined && to !== undefined) latest.current?.(from, to + 1);
  }, [from, to]);
}

interface RowProps {
  run: Run;
  index: number;
  top: number;
  withPipeline: boolean;
  isActive: boolean;
  onActive: (index: number) => void;
}

/** Scrolling draws only the rows anew that come into sight. */
const Row = memo(function Row({ run, index, top, withPipeline, isActive, onActive }: RowProps) {
  const { t } = useTranslation();
  return (
    <tr
      role="row"
      className={styles.row}
      data-index={index}
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <td role="cell" className={styles.status}>
        <Link
          to="/runs/$runId"
          params={{ runId: run.id }}
          className={styles.link}
          tabIndex={isActive ? 0 : -1}
          onFocus={() => onActive(index)}
        >
          <Status status={run.status} hasWord />
        </Link>
      </td>
      {withPipeline && (
        <td role="cell" className={styles.name}>
          {run.pipeline_name}
        </td>
      )}
      <td role="cell" className={styles.reason} title={run.reason ?? undefined}>
        {run.reason && <Said code={run.status === "SUCCESS" ? null : run.outcome} text={run.reason} />}
      </td>
      <td role="cell" className={styles.trigger}>
        {t(`trigger.${run.trigger}`)}
      </td>
      <td role="cell" className={styles.when}>
        <Moment at={run.created_at} />
      </td>
      <td role="cell" className={classes(styles.took, styles.figure)}>
        {run.started_at && <Elapsed from={run.started_at} to={run.finished_at} />}
      </td>
    </tr>
  );
});
