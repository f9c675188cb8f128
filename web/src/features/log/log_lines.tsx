import {
  type CSSProperties,
  Fragment,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/preferences";
import type { LineRange } from "./line_hash";
import { timeWriter } from "./line_time";
import styles from "./log_lines.module.css";
import { LogRow } from "./log_row";
import type { LogSource } from "./log_source";
import type { LogLook } from "./look";
import type { Scroller } from "./scroller";
import type { Folding } from "./tracebacks";

interface LinesProps {
  source: LogSource;
  scroller: Scroller;
  folding: Folding;
  look: LogLook;
  /** Which attempts begin with a line. */
  attempts: Map<number, number[]>;
  search: string;
  hit: number | null;
  selected: LineRange | null;
  viewport: RefObject<HTMLDivElement | null>;
  onPick: (number: number, isExtending: boolean) => void;
}

/** The lines that can be seen, in what scrolls over all of them. */
export function LogLines(props: LinesProps) {
  const { source, scroller, folding, look, selected, viewport } = props;
  const { t } = useTranslation("log");
  const preferences = usePreferences();
  const writeTime = useMemo(() => timeWriter(preferences), [preferences]);
  const spacer = useRef<HTMLDivElement>(null);
  const layer = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    if (!viewport.current || !spacer.current || !layer.current) return;
    return scroller.attach({ viewport: viewport.current, spacer: spacer.current, layer: layer.current });
  }, [scroller, viewport]);

  // Somebody who marks text wants it to stay.
  useEffect(() => {
    const onMark = () => {
      const marked = document.getSelection();
      if (marked?.isCollapsed === false && viewport.current?.contains(marked.anchorNode)) scroller.leaveEnd();
    };
    document.addEventListener("selectionchange", onMark);
    return () => document.removeEventListener("selectionchange", onMark);
  }, [scroller, viewport]);

  // In a long line a hit may be anywhere, once the line has come.
  const revealed = useRef<number | null>(null);
  const { hit } = props;
  useLayoutEffect(() => {
    if (hit === revealed.current) return;
    const mark = viewport.current?.querySelector("[data-hit] mark");
    if (hit !== null && !mark) return;
    revealed.current = hit;
    if (mark) scroller.reveal(mark);
  });

  const { first, last } = scroller.draw(source.total ?? 0, folding.isHidden);
  // Whatever was drawn anew may have moved what is below it.
  useLayoutEffect(() => scroller.layOut());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is here of these lines changes with the version
  useEffect(() => source.want(first, last), [source, first, last, source.version]);

  const rows = [];
  for (let number = first; number < last; number += 1) {
    if (folding.isHidden(number)) continue;
    const line = source.cache.line(number);
    const fold = folding.endingAt(number);
    rows.push(
      <Fragment key={number}>
        {props.attempts.get(number)?.map((attempt) => (
          <div key={attempt} className={styles.attempt}>
            <span>{t("attempt", { number: attempt })}</span>
          </div>
        ))}
        <LogRow
          runId={source.runId}
          number={number}
          line={line}
          time={look.hasTimes ? (line === undefined ? "" : writeTime(line.at)) : null}
          search={props.search}
          isSelected={selected !== null && selected.first <= number && number <= selected.last}
          isHit={hit === number}
          folds={fold?.lines ?? 0}
          isOpen={fold?.isOpen ?? false}
          onPick={props.onPick}
          onFold={folding.toggle}
        />
      </Fragment>,
    );
  }
  return (
    <div
      ref={viewport}
      className={styles.viewport}
      role="log"
      aria-live="off"
      aria-label={t("label")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
    >
      <div ref={spacer} className={styles.spacer}>
        <div
          ref={layer}
          className={styles.layer}
          data-wrap={look.isWrapped || undefined}
          style={{ "--digits": String(source.total ?? 0).length } as CSSProperties}
        >
          {rows}
        </div>
      </div>
    </div>
  );
}
